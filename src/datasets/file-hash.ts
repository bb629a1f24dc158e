import { createHash } from 'node:crypto';
import { withFile } from '../io/file.js';

const BLOCK = 2 ** 20;

/**
 * SHA-256 of a file and of what else an item is made of, in hexadecimal.
 * @throws UserError for a file that cannot be read
 */
export function hashFile(path: string, ...others: readonly string[]): Promise<string> {
  return withFile(path, async (file) => {
    const hash = createHash('sha256').update(JSON.stringify(others));
    const block = Buffer.alloc(Math.min(BLOCK, file.size));
    for (let at = 0; at < file.size; at += block.length) hash.update(block.subarray(0, await file.read(block, at)));
    return hash.digest('hex');
  });
}
