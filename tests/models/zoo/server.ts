import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** What a server does with one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse, content: Buffer) => void;

export interface FileServer {
  readonly url: string;
  /** Headers of every request, in their order. */
  readonly requests: IncomingMessage['headers'][];
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const tagOf = (content: Buffer) => `"${sha256(content).slice(0, 12)}"`;

/** As a server that knows parts: 200, 206 or 416. */
export const whole: Answer = (request, response, content) => {
  const etag = tagOf(content);
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const from = start !== undefined && request.headers['if-range'] === etag ? Number(start) : 0;
  if (from >= content.length) return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, { etag, 'content-length': content.length - from, ...(from > 0 ? range : {}) });
  response.end(content.subarray(from));
};

/** The connection breaks after so many bytes. */
export const breaksAfter =
  (bytes: number): Answer =>
  (request, response, content) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, { etag: tagOf(content), 'content-length': content.length - from, ...(from > 0 ? range : {}) });
    response.write(content.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 30));
  };

/** Knows no parts: the whole file to whatever is asked. */
export const withoutParts: Answer = (_, response, content) => {
  response.writeHead(200, { etag: tagOf(content), 'content-length': content.length }).end(content);
};

export const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end('no');

/** Bytes that come of a connection that `stalls`. */
export const STALLED = 1000;

/** Headers and some bytes, then nothing. */
export const stalls: Answer = (_, response, content) => {
  response.writeHead(200, { etag: tagOf(content), 'content-length': content.length });
  response.write(content.subarray(0, STALLED));
};

/** A server of one content; the last answer is given to all later requests. It ends with the tests of the file. */
export async function serve(content: Buffer | (() => Buffer), ...answers: readonly Answer[]): Promise<FileServer> {
  const requests: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request.headers);
    answer(request, response, typeof content === 'function' ? content() : content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => server.closeAllConnections());
  afterAll(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
