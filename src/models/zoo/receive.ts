import { open } from 'node:fs/promises';
import { UserError } from '../../data/errors.js';
import { beginPart, type Part } from './part.js';

/** The connection was lost, or the server has a bad moment: what arrived is kept, and trying again may help. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface ReceiveOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a connection counts as lost. */
  readonly stallAfter: number;
  /** Is told where the file begins (bytes that were there before), and how long it is in all where the server says so. */
  onStart(received: number, total: number | undefined): void;
  onBytes(bytes: number): void;
}

/**
 * One request for what is missing of a file. The server is asked for the rest only of the version that is there; where it has another, or does not know
 * how to send a part, the file starts over.
 * @throws Interrupted where trying again may help; UserError where it does not; the reason of the signal
 */
export async function receive(url: string, part: Part, { signal, stallAfter, onStart, onBytes }: ReceiveOptions): Promise<void> {
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), stallAfter);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), stallAfter);
  };
  try {
    const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
    // Compressed on the way, a file would have another length, and no parts.
    const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': 'rankstream' };
    if (part.validator) Object.assign(headers, { range: `bytes=${part.size}-`, 'if-range': part.validator });
    const response = await fetch(url, { headers, signal: either });
    const { from, total, whole } = await answered(url, response, part);
    if (whole) return;
    if (from === 0) await beginPart(part, validatorIn(response.headers));
    onStart(from, total);
    const file = await open(part.file, from === 0 ? 'w' : 'a');
    let received = from;
    try {
      for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
        alive();
        await file.writeFile(bytes);
        received += bytes.length;
        onBytes(bytes.length);
      }
    } finally {
      await file.close();
    }
    if (total !== undefined && received < total) throw new Interrupted(`${url}: the connection was lost`);
  } catch (error) {
    signal?.throwIfAborted();
    if (stall.signal.aborted) throw new Interrupted(`${url}: nothing came for ${stallAfter / 1000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What an answer is about: bytes from `from` on; `whole` when nothing is missing. */
async function answered(url: string, response: Response, part: Part): Promise<{ from: number; total?: number; whole?: boolean }> {
  const { status, headers } = response;
  if (status === 200) {
    const length = headers.get('content-encoding') ? null : headers.get('content-length');
    return { from: 0, total: length === null ? undefined : Number(length) };
  }
  const [, start, of] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const total = of === undefined || of === '*' ? undefined : Number(of);
  if (status === 206 && Number(start) === part.size) return { from: part.size, total };
  await response.body?.cancel();
  if (status === 416 && total === part.size) return { from: part.size, whole: true };
  if (status === 206 || status === 416) {
    await beginPart(part, undefined);
    throw new Interrupted(`${url}: the server sent another part than was asked for`);
  }
  if (status >= 500 || status === 408 || status === 429) throw new Interrupted(`${url}: the server has trouble (${status})`);
  if (status === 404 || status === 410) throw new UserError(`${url}: there is no such file (${status})`);
  throw new UserError(`${url}: refused (${status} ${response.statusText})`.replace(/ \)$/, ')'));
}

/** What can be asked for with If-Range: an ETag that is not weak, or a date. */
function validatorIn(headers: Headers): string | undefined {
  if (headers.get('content-encoding') || headers.get('accept-ranges') === 'none') return undefined;
  const tag = headers.get('etag');
  return tag && !tag.startsWith('W/') ? tag : (headers.get('last-modified') ?? undefined);
}
