import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { firstLine, UserError } from '../data/errors.js';
import { errorCode } from '../io/file.js';
import { writeAside } from '../io/write-aside.js';

/** Bytes by the hash of all that they were computed from. */
export interface EmbeddingCache {
  /** @returns undefined for what is not there, or is damaged */
  get(key: string): Promise<Uint8Array | undefined>;
  /** @throws UserError when it cannot be written */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

const CHECKSUM_BYTES = 32;

/**
 * A cache in a folder, a file a key, which any number of processes can use at one time: a file appears whole, under a name that says what it was computed from,
 * so that it never has to change. Each begins with the SHA-256 of the rest: one that a power failure has cut is as if it were not there.
 */
export function embeddingCache(folder: string): EmbeddingCache {
  const fileOf = (key: string) => join(folder, key.slice(0, 2), key);
  return {
    async get(key) {
      const file = await readFile(fileOf(key)).catch((error) => {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw new UserError(
          `${folder}: the cache cannot be read (${firstLine(error)}); give another with --cache-folder, or use --no-cache`,
        );
      });
      if (!file) return undefined;
      const bytes = file.subarray(CHECKSUM_BYTES);
      return checksum(bytes).equals(file.subarray(0, CHECKSUM_BYTES)) ? bytes : undefined;
    },
    async put(key, bytes) {
      const file = fileOf(key);
      try {
        await mkdir(dirname(file), { recursive: true });
        await writeAside(file, Buffer.concat([checksum(bytes), bytes]));
      } catch (error) {
        throw new UserError(
          `${folder}: the cache cannot be written (${firstLine(error)}); give another with --cache-folder, or use --no-cache`,
        );
      }
    },
  };
}

function checksum(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
