import { access, constants, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { firstLine, UserError } from '../data/errors.js';
import { errorCode } from './file.js';
import { asideOf } from './write-aside.js';

/** Takes bytes in order; the promise of a write is the back-pressure. */
export interface ByteSink {
  write(chunks: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/**
 * Finds out before long work whether a file can be made at a path.
 * @throws UserError when the folder is missing or may not be written, or when a directory stands at the path
 */
export async function assertWritable(path: string): Promise<void> {
  if (path === '-') return;
  const folder = dirname(path);
  const at = await stat(path).catch(() => undefined);
  if (at?.isDirectory()) throw new UserError(`${path}: is a directory; give the name of a file to write`);
  const around = await stat(folder).catch(() => undefined);
  if (!around) throw new UserError(`${path}: cannot be written, because there is no folder ${folder}; make it first`);
  if (!around.isDirectory()) throw new UserError(`${path}: cannot be written, because ${folder} is not a folder`);
  await access(folder, constants.W_OK | constants.X_OK).catch((error) => {
    throw new UserError(`${path}: cannot be written in the folder ${folder} (${errorCode(error)})`);
  });
}

/** A file that appears under its name, whole, when it is closed. It is opened with the first bytes. */
export function fileSink(path: string): ByteSink {
  const temporary = asideOf(path);
  let handle: FileHandle | undefined;
  const explained = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (errorCode(error)) throw new UserError(`${path}: cannot be written (${firstLine(error).replaceAll(temporary, path)})`);
      throw error;
    }
  };
  const opened = async () => {
    if (!handle) {
      await assertWritable(path);
      handle = await explained(() => open(temporary, 'wx'));
    }
    return handle;
  };
  return {
    async write(chunks) {
      const file = await opened();
      await explained(async () => {
        for (const chunk of chunks) await writeFully(file, chunk);
      });
    },
    async close() {
      const file = await opened();
      await explained(async () => {
        await file.close();
        await rename(temporary, path);
      });
      handle = undefined;
    },
    async abort() {
      const file = handle;
      handle = undefined;
      await file?.close().catch(() => {});
      if (file) await rm(temporary, { force: true });
    },
  };
}

// One write call of the system takes at most 2 GiB.
const MOST = 2 ** 30;

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.length) done += (await file.write(chunk, done, Math.min(chunk.length - done, MOST))).bytesWritten;
}

/** Standard output. When its reader goes away (`| head`), what is still written is dropped without a word, as it would be after SIGPIPE. */
export function streamSink(stream: Writable = process.stdout): ByteSink {
  let gone = false;
  const onError = (error: Error) => {
    if (errorCode(error) === 'EPIPE') gone = true;
  };
  stream.on('error', onError);
  const write = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => {
        if (error && errorCode(error) !== 'EPIPE') reject(new UserError(`stdout: cannot be written (${firstLine(error)})`));
        else resolve();
      });
    });
  return {
    async write(chunks) {
      for (const chunk of chunks) if (!gone) await write(chunk);
    },
    close: async () => {},
    abort: async () => {},
  };
}
