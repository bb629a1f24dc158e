import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../support/cli.js';
import { blockedIsResident } from './blocked-properties.js';

it('a gallery in blocks gives the bytes of a resident one', () => blockedIsResident(60));

/** Searches a gallery of so many blocks of 60,000 x 128 (31 MB) in a process of its own, and prints the peak of its memory in MB. */
const CHILD = `
const at = (path) => import('${join(ROOT, 'dist')}/' + path);
const { EmbeddingBatch } = await at('src/data/embedding-batch.js');
const { readGalleryItems } = await at('src/data/gallery-items.js');
const { BlockedSearcher } = await at('src/search/blocked.js');
const { items } = await at('bench/synthetic.js');
const [blocks, rows, dim] = [Number(process.argv[1]), 60_000, 128];
const parts = [...items({ dim, labels: 100, categories: 2, seed: 1 }, rows, 0)];
// The same vectors in every block: reading makes no garbage, whose collection would take the blocks along.
const batches = {
  async *[Symbol.asyncIterator]() {
    for (let block = 0; block < blocks; block++) {
      for (const { vectors: data, rows: count } of parts) yield EmbeddingBatch.fromMatrix({ data, rows: count, dim });
    }
  },
};
const searcher = new BlockedSearcher(await readGalleryItems(batches), batches, { blockRows: rows, threads: 2 });
await searcher.search({ data: new Float32Array(64 * dim).fill(0.1), rows: 64, dim }, 10);
await searcher.close();
console.log(process.resourceUsage().maxRSS / 1024);
`;

async function peak(blocks: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', CHILD, `${blocks}`]);
  return Number(stdout);
}

it('blocks leave no memory behind', { retry: 2 }, async () => {
  // 16 blocks more are 490 MB of vectors.
  expect((await peak(20)) - (await peak(4))).toBeLessThan(120);
});
