import { createHash } from 'node:crypto';
import { UserError } from '../data/errors.js';
import { canonicalJson } from '../data/json.js';
import { mapLimited } from '../data/map-limited.js';
import { batchMatters } from '../models/batch-probe.js';
import type { Extractor } from '../models/extractor.js';
import { NotFiniteError } from '../models/not-finite.js';
import { Pool } from '../runtime/pool.js';
import type { Dataset } from './dataset.js';
import { defaultBatch } from './default-batch.js';
import { type EmbedRowsOptions, embedRows } from './embed-rows.js';
import { type BrokenItem, decodeRows, type EmbeddedRows, encodeRows, type RowRange } from './embedded-rows.js';
import type { EmbeddingCache } from './embedding-cache.js';

export interface PartOptions extends Omit<EmbedRowsOptions, 'slots' | 'runs' | 'batch'> {
  /** Items in one run of the model; default: `defaultBatch`. */
  readonly batch?: number;
  /** Where embeddings are kept; without it all are computed. */
  readonly cache?: EmbeddingCache;
}

/** A range with its embeddings. */
export interface Part extends EmbeddedRows {
  /** Whether it was computed in an earlier run. */
  readonly fromCache: boolean;
}

/** Two batches are with the model, one waits for it, and one is decoded. */
const BATCHES_IN_FLIGHT = 4;
/** One for each lane of an extractor on a CPU; no more, because whoever stops it waits for those. */
const BATCHES_AT_MODEL = 2;
/** Items of a part that are hashed at one time. */
const HASHED_AT_ONCE = 16;
/** Items of the probe. */
const PROBED = 6;
/** Changes when what is kept changes its meaning, and when our own code makes other inputs of the same items. */
const VERSION = 2;

/**
 * Embeds ranges of rows; calls may overlap, and share one bounded number of items in flight.
 *
 * With a cache each range is a part under a key of everything that decides its bytes: the model (`extractor.key`), the preparation, the contents of
 * the items in their order, and the batch, where a probe says that it matters. Paths, times and other columns do not.
 * @throws UserError from the function, with `stop`: the first broken item of the range
 */
export function partEmbedder(extractor: Extractor, dataset: Dataset, options: PartOptions): (range: RowRange) => Promise<Part> {
  const { cache, onItems, batch = defaultBatch(extractor, dataset) } = options;
  const compute = { ...options, batch, slots: new Pool(Array(BATCHES_IN_FLIGHT).fill(0)), runs: new Pool(Array(BATCHES_AT_MODEL).fill(0)) };
  let shape: Promise<number | undefined> | undefined;
  return async (range) => {
    if (!cache) return { ...(await embedRows(extractor, dataset, range, compute)), fromCache: false };
    shape ??= shapeThatMatters(extractor, dataset, batch, cache);
    const key = hashOf(extractor, dataset, await shape, await contents(dataset, range));
    const bytes = await cache.get(key);
    const kept = bytes && decodeRows(bytes, range);
    const part = kept && (await withBroken(kept, dataset, options.onError));
    if (part) {
      onItems?.(range.rows);
      return { ...part, fromCache: true };
    }
    const embedded = await embedRows(extractor, dataset, range, compute);
    await cache.put(key, encodeRows(embedded));
    return { ...embedded, fromCache: false };
  };
}

/** A text for each row, different for items of different content. An item that cannot even be read has one too: it is found out when it is loaded. */
function contents(dataset: Dataset, { firstRow, rows }: RowRange): Promise<string[]> {
  const all = Array.from({ length: rows }, (_, i) => firstRow + i);
  return mapLimited(all, HASHED_AT_ONCE, (row) => dataset.contentHash(row).catch(unreadable));
}

function unreadable(error: unknown): string {
  if (error instanceof UserError) return 'unreadable';
  throw error;
}

/** A part from the cache with the reasons of what is broken, which are found anew. @returns undefined where it is not broken any more */
async function withBroken(part: EmbeddedRows, dataset: Dataset, onError: 'stop' | 'skip'): Promise<EmbeddedRows | undefined> {
  const kept = new Set(part.kept);
  const broken: BrokenItem[] = [];
  for (let row = part.firstRow; row < part.firstRow + part.rows; row++) {
    if (kept.has(row)) continue;
    try {
      await dataset.load(row);
      return undefined;
    } catch (error) {
      if (onError === 'stop' || !(error instanceof UserError)) throw error;
      broken.push({ row, reason: error.message });
    }
  }
  return { ...part, broken };
}

/**
 * The batch, where an embedding depends on it: a probe of items from all over the dataset, whose answer is kept as well.
 * @returns undefined where it does not
 */
async function shapeThatMatters(extractor: Extractor, dataset: Dataset, batch: number, cache: EmbeddingCache): Promise<number | undefined> {
  const rows = [...new Set(Array.from({ length: PROBED }, (_, i) => Math.floor((i * (dataset.size - 1)) / (PROBED - 1))))];
  const probed = (await Promise.allSettled(rows.map((row) => dataset.load(row)))).flatMap((item) =>
    item.status === 'fulfilled' ? [item.value] : [],
  );
  // Of one item nothing can be said.
  if (probed.length < 2) return batch;
  const hashes = await Promise.all(rows.map((row) => dataset.contentHash(row).catch(unreadable)));
  const key = hashOf(extractor, dataset, batch, ['probe', ...hashes]);
  const known = await cache.get(key);
  const matters = known ? known[0] === 1 : await matter(extractor, dataset, probed, batch);
  if (!known) await cache.put(key, Uint8Array.of(matters ? 1 : 0));
  return matters ? batch : undefined;
}

async function matter(extractor: Extractor, dataset: Dataset, items: readonly unknown[], batch: number): Promise<boolean> {
  try {
    return await batchMatters(extractor, (some) => dataset.collate(some.map((i) => items[i])), items.length, batch);
  } catch (error) {
    // Told of where the item's turn comes.
    if (error instanceof NotFiniteError) return true;
    throw error;
  }
}

function hashOf(extractor: Extractor, dataset: Dataset, batch: number | undefined, hashes: readonly string[]): string {
  const { modality, preparation } = dataset;
  const what = { version: VERSION, model: extractor.key, modality, preparation, batch };
  return createHash('sha256').update(canonicalJson(what)).update('\n').update(hashes.join('\n')).digest('hex');
}
