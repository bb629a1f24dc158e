import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { firstLine, UserError } from '../../data/errors.js';
import { errorCode } from '../../io/file.js';
import { keepSum, kept, keptSum, sha256Of } from './checksum.js';
import { finishPart, openPart, type Part, removePart } from './part.js';
import { Interrupted, receive } from './receive.js';

/** A file to have. */
export interface Wanted {
  readonly url: string;
  /** Where it shall stand. */
  readonly file: string;
  /** Hexadecimal, where it is known. */
  readonly sha256?: string;
  /** For messages: what the file belongs to. */
  readonly name: string;
}

/** How far a download is; what `progressBar` of the pipelines is. */
export interface DownloadProgress {
  start(task: string, total: number | undefined, unit: 'bytes'): void;
  advance(bytes: number): void;
  stop(): void;
}

export interface DownloadOptions {
  readonly progress?: DownloadProgress;
  readonly signal?: AbortSignal;
  /** Is told once of each file whose checksum could not be compared with a known one. By default a warning of the process. */
  readonly note?: (line: string) => void;
  /** Attempts in a row in which nothing comes, before it is given up; default 5. */
  readonly attempts?: number;
  /** Milliseconds before the second of them, doubled with each; default 500. */
  readonly wait?: number;
  /** Milliseconds without a byte after which a connection counts as lost; default 60,000. */
  readonly stallAfter?: number;
}

/**
 * Downloads a file, going on where an earlier attempt ended, also one of a process that is gone, and checks it before it gets its name: a file under that
 * name is whole. Its checksum is kept beside it. Without a known one, the first download is trusted, and later ones must be the same.
 * @throws UserError when it is not there, cannot be reached or written, or is not what it should be (it is removed then); the reason of the signal
 */
export async function download(wanted: Wanted, options: DownloadOptions = {}): Promise<void> {
  const { url, file } = wanted;
  const { signal, note = (line) => process.emitWarning(line, 'RankstreamWarning') } = options;
  try {
    await mkdir(dirname(file), { recursive: true });
    const before = wanted.sha256 ?? (await keptSum(file));
    let part = await openPart(file);
    const resumed = part.size > 0;
    await receiveAll(wanted, part, options);
    let sum = await sha256Of(part.file, signal);
    if (before !== undefined && sum !== before && resumed) {
      // What an earlier process left may be what is wrong.
      await removePart(part);
      part = await openPart(file);
      await receiveAll(wanted, part, options);
      sum = await sha256Of(part.file, signal);
    }
    if (before !== undefined && sum !== before) {
      await removePart(part);
      throw new UserError(`${url}: wrong checksum: its sha256 is ${sum}, not ${before}${since(wanted)}; the download was removed`);
    }
    await keepSum(file, sum);
    await finishPart(part, file);
    if (before === undefined) note(`${file}: not verified, as no checksum of it is known; its sha256 ${sum} is kept for the next time`);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new UserError(`${dirname(file)}: the disk is full; free some space, or name another folder with RANKSTREAM_CACHE`);
    if (code !== undefined && FILES.has(code))
      throw new UserError(`${dirname(file)}: cannot write there (${code}); name another folder with RANKSTREAM_CACHE`);
    throw error;
  }
}

/** Codes of errors about files. */
const FILES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EIO', 'ENAMETOOLONG']);

/** Those of connections that were there, and of servers that may be there in a moment. */
const LOST = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Requests until the whole file is there. */
async function receiveAll(wanted: Wanted, part: Part, options: DownloadOptions): Promise<void> {
  const { progress, signal, attempts = 5, wait = 500, stallAfter = 60_000 } = options;
  let shown = false;
  let received = 0;
  const onStart = (from: number, total?: number) => {
    if (shown) progress?.stop();
    progress?.start(`downloading ${wanted.name}`, total, 'bytes');
    progress?.advance(from);
    shown = true;
  };
  try {
    for (let failed = 0, now = part; ; now = await openPart(wanted.file)) {
      const before = received;
      try {
        await receive(wanted.url, now, {
          signal,
          stallAfter,
          onStart,
          onBytes: (bytes) => {
            received += bytes;
            progress?.advance(bytes);
          },
        });
        return;
      } catch (error) {
        signal?.throwIfAborted();
        const cause = interruption(error, wanted, received > 0);
        failed = received > before ? 1 : failed + 1;
        if (failed >= attempts) throw new UserError(`${cause}; given up after ${attempts} attempts, the next one goes on from there`);
        await pause(wait * 2 ** (failed - 1), undefined, { signal }).catch(() => signal?.throwIfAborted());
      }
    }
  } finally {
    if (shown) progress?.stop();
  }
}

/** What interrupted a request. @throws the error itself where another request would not help */
function interruption(error: unknown, wanted: Wanted, reached: boolean): string {
  if (error instanceof Interrupted) return error.message;
  // fetch tells the reason behind "fetch failed" and "terminated".
  if (!(error instanceof TypeError)) throw error;
  const code = errorCode(error.cause);
  if (reached || (code !== undefined && LOST.has(code))) return `${wanted.url}: the connection was lost (${code ?? firstLine(error)})`;
  throw unreachable(wanted, code ?? firstLine(error.cause ?? error));
}

/** Without a network there is another way. */
export function unreachable({ url, file }: Wanted, reason: string): UserError {
  return new UserError(`${new URL(url).host} cannot be reached (${reason}); to do without it, put ${url} by hand at ${file}`);
}

function since({ sha256, file }: Wanted): string {
  return sha256 === undefined ? `, as when it was downloaded first (remove ${kept(file)} if that is right)` : '';
}
