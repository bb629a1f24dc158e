import type { Matrix } from '../../src/data/matrix.js';
import { shardMatrix } from '../../src/data/vector-store.js';
import type { Device } from '../../src/runtime/devices.js';
import { ExactSearcher } from '../../src/search/exact.js';
import type { Searcher, TopK } from '../../src/search/searcher.js';
import { answer, childArgument, SAMPLE, type SearchArgument, secondsSince, WARM_ROWS, WARM_SINGLE } from '../child.js';
import { loadGallery, loadQueries } from '../load.js';
import { median } from '../statistics.js';

/* rankstream's search alone, from vectors in memory to ids and distances. */
const { folder, k, threads, device, form, queries: count, gallery: size } = childArgument<SearchArgument & { device: Device }>();

const gallery = await loadGallery(folder, { rows: size });
let start = performance.now();
const searcher: Searcher = await ExactSearcher.open(gallery, { threads, device });
const seconds: Record<string, number> = { open: secondsSince(start) };
const sample: number[][] = [];

if (form === 'self') await searchSelf();
else {
  const queries = loadQueries(folder, count);
  if (form === 'batch') await searchBatch(queries);
  else await searchSingle(queries);
}
await searcher.close();
answer({ seconds, sample });

async function searchBatch(queries: Matrix): Promise<void> {
  await searcher.search(rowsOf(queries, 0, Math.min(WARM_ROWS, queries.rows)), k);
  start = performance.now();
  const found = await searcher.search(queries, k);
  seconds.search = secondsSince(start);
  take(found);
}

/** The median of single queries. */
async function searchSingle(queries: Matrix): Promise<void> {
  for (let q = 0; q < Math.min(WARM_SINGLE, queries.rows); q++) await searcher.search(rowsOf(queries, q, q + 1), k);
  const latencies: number[] = [];
  for (let q = 0; q < queries.rows; q++) {
    start = performance.now();
    const found = await searcher.search(rowsOf(queries, q, q + 1), k);
    latencies.push(secondsSince(start));
    take(found);
  }
  seconds.search = median(latencies);
}

/** All against all. */
async function searchSelf(): Promise<void> {
  const self = Int32Array.from({ length: gallery.size }, (_, row) => row);
  const [{ rows }] = gallery.vectors.shards;
  const warm = Math.min(WARM_ROWS, rows);
  await searcher.search(rowsOf(shardMatrix(gallery.vectors.shards[0], gallery.dim), 0, warm), k, { self: self.subarray(0, warm) });
  start = performance.now();
  for (const shard of gallery.vectors.shards) {
    take(await searcher.search(shardMatrix(shard, gallery.dim), k, { self: self.subarray(shard.firstRow, shard.firstRow + shard.rows) }));
  }
  seconds.search = secondsSince(start);
}

function take({ ids, offsets }: TopK): void {
  for (let q = 0; sample.length < SAMPLE && q < offsets.length - 1; q++) sample.push([...ids.subarray(offsets[q], offsets[q + 1])]);
}

function rowsOf({ data, dim }: Matrix, first: number, end: number): Matrix {
  return { data: data.subarray(first * dim, end * dim), rows: end - first, dim };
}
