import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import type { Extractor } from '../models/extractor.js';
import { NotFiniteError } from '../models/not-finite.js';
import type { Pool } from '../runtime/pool.js';
import type { Dataset } from './dataset.js';
import type { BrokenItem, EmbeddedRows, RowRange } from './embedded-rows.js';

export interface EmbedRowsOptions {
  /** Items in one run of the model. */
  readonly batch: number;
  /** What a broken item does. */
  readonly onError: 'stop' | 'skip';
  /** Batches that may be decoded or waiting for the model at one time. */
  readonly slots: Pool<unknown>;
  /** Batches that may be with the model at one time. */
  readonly runs: Pool<unknown>;
  readonly signal?: AbortSignal;
  /** Items done, after each batch. */
  readonly onItems?: (count: number) => void;
  /** What messages call an item; default: `row 3`. */
  readonly nameOf?: (row: number) => string;
}

interface EmbeddedBatch {
  readonly kept: readonly number[];
  readonly vectors?: Matrix;
  readonly broken: readonly BrokenItem[];
}

/**
 * Embeds the items of a range, batch by batch: while the model works on one, the next ones are decoded.
 * @throws UserError with `stop`: the first broken item of the range
 */
export async function embedRows(extractor: Extractor, dataset: Dataset, range: RowRange, options: EmbedRowsOptions): Promise<EmbeddedRows> {
  const { batch, slots, signal, onItems } = options;
  let failed = false;
  const running: Promise<EmbeddedBatch>[] = [];
  for (let at = 0; at < range.rows; at += batch) {
    const rows = Array.from({ length: Math.min(batch, range.rows - at) }, (_, i) => range.firstRow + at + i);
    const done = slots.with(async () => {
      signal?.throwIfAborted();
      if (failed) throw new Error('an earlier batch failed');
      const embedded = await embedBatch(extractor, dataset, rows, options);
      onItems?.(rows.length);
      return embedded;
    });
    // Awaited in their order: until then a failure must not count as unhandled.
    done.catch(() => {
      failed = true;
    });
    running.push(done);
  }
  const batches: EmbeddedBatch[] = [];
  for (const done of running) batches.push(await done);
  return joined(range, batches, extractor.dim);
}

/** One run of the model. An item that cannot be loaded, or whose vector is not finite, is left out, or ends it. */
async function embedBatch(
  extractor: Extractor,
  dataset: Dataset,
  rows: readonly number[],
  options: EmbedRowsOptions,
): Promise<EmbeddedBatch> {
  const { onError, signal, runs, nameOf = (row) => `row ${row}` } = options;
  const broken: BrokenItem[] = [];
  const items: unknown[] = [];
  const kept: number[] = [];
  // All are waited for, so that of several broken ones the first is named.
  for (const [i, loaded] of (await Promise.allSettled(rows.map((row) => dataset.load(row)))).entries()) {
    if (loaded.status === 'fulfilled') {
      items.push(loaded.value);
      kept.push(rows[i]);
    } else if (onError === 'skip' && loaded.reason instanceof UserError) broken.push({ row: rows[i], reason: loaded.reason.message });
    else throw loaded.reason;
  }
  if (kept.length === 0) return { kept, broken };
  try {
    const vectors = await runs.with(async () => {
      signal?.throwIfAborted();
      return extractor.embed(dataset.collate(items));
    });
    return { kept, vectors, broken };
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error;
    const bad = error.rows.map((row) => ({ row: kept[row], reason: `${nameOf(kept[row])}: its embedding is not finite` }));
    if (onError === 'stop') throw new UserError(`${extractor.name}: ${bad[0].reason}`);
    const rest = kept.filter((_, i) => !error.rows.includes(i));
    const again = await embedBatch(extractor, dataset, rest, options);
    return { ...again, broken: [...broken, ...bad, ...again.broken] };
  }
}

function joined({ firstRow, rows }: RowRange, batches: readonly EmbeddedBatch[], known: number | undefined): EmbeddedRows {
  const kept = Int32Array.from(batches.flatMap((batch) => batch.kept));
  const dim = batches.find(({ vectors }) => vectors)?.vectors?.dim ?? known ?? 0;
  const data = new Float32Array(kept.length * dim);
  let at = 0;
  for (const { vectors } of batches) {
    if (!vectors) continue;
    data.set(vectors.data, at);
    at += vectors.data.length;
  }
  const broken = batches.flatMap((batch) => batch.broken).sort((a, b) => a.row - b.row);
  return { firstRow, rows, kept, vectors: { data, rows: kept.length, dim }, broken };
}
