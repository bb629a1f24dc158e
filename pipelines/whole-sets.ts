import { UserError } from '../src/data/errors.js';
import type { Gallery } from '../src/data/gallery.js';
import type { PairMeasure } from '../src/data/pair-counts.js';
import { itemMetrics } from '../src/metrics/item-metrics.js';
import { pairValues } from '../src/metrics/pair-values.js';
import type { ItemMeasure } from '../src/metrics/pcf.js';
import { type AllPairsOptions, allPairs } from '../src/search/all-pairs.js';
import type { MetricPlan } from './metric-options.js';
import type { MoreValues } from './more-values.js';
import type { Options } from './options.js';
import type { PlannedGallery } from './planned-gallery.js';
import type { Progress } from './progress.js';
import type { Sets } from './sets.js';

/**
 * Finds out before the long work whether metrics of the items and of all pairs go with the other options.
 * @param plan its `pairs` are those of all pairs
 * @throws UserError
 */
export function refuseMore({ items, pairs }: Pick<MetricPlan, 'items' | 'pairs'>, { queries, qrels, saveState }: Options): void {
  const names = listed([...items, ...pairs]);
  const instead = pairs.length > 0 ? '; --pairs retrieved is about the retrieved pairs only' : '';
  if (names === '') return;
  if (queries === '-') throw new UserError(`${names}: the queries are read again for it, which stdin cannot; give a file${instead}`);
  if (saveState !== undefined) throw new UserError(`--save-state: ${names} of parts of the queries would not merge to the whole${instead}`);
  if (qrels !== undefined && pairs.length > 0)
    throw new UserError(`${listed(pairs)}: all pairs are judged by labels, not by qrels${instead}`);
}

/** The gallery with its vectors. @throws UserError where it is read in blocks */
export function residentGallery(planned: PlannedGallery, pairs: readonly PairMeasure[]): Gallery {
  if (!planned.streamed) return planned.gallery;
  throw new UserError(
    `${listed(pairs)}: all pairs need the gallery in memory, for which --memory is too little; --pairs retrieved is about the retrieved pairs only`,
  );
}

function listed(measures: readonly { readonly name: string }[]): string {
  return measures.map(({ name }) => name).join(', ');
}

/** Measures of the items of both sides, overall and by the values of columns. */
export async function measureItems(
  sets: Sets,
  measures: readonly ItemMeasure[],
  by: readonly string[],
  progress: Progress,
): Promise<MoreValues> {
  const metric = itemMetrics(measures, by);
  const state = metric.init();
  progress.start('items');
  try {
    for await (const batch of sets.items) {
      metric.update(state, batch);
      progress.advance(batch.rows);
    }
  } finally {
    progress.stop();
  }
  const values = metric.value(state);
  const lacking = by.filter((column) => !sets.planned.gallery.columns[column]);
  const names = listed(measures);
  const warnings = lacking.map((column) => `${names} by ${column}: of the queries only, as the gallery has no column "${column}"`);
  return { ...values, warnings: [...warnings, ...values.warnings] };
}

/** Measures of the pairs of every query with every gallery item. */
export async function measurePairs(
  sets: Sets,
  measures: readonly PairMeasure[],
  { changed, signal, ...options }: AllPairsOptions & { readonly changed: boolean; readonly signal?: AbortSignal },
  progress: Progress,
): Promise<MoreValues> {
  const onBatch = (rows: number) => {
    signal?.throwIfAborted();
    progress.advance(rows);
  };
  progress.start('pairs');
  try {
    const counts = await allPairs(residentGallery(sets.planned, measures), sets.queries, measures, { ...options, onBatch });
    const values = pairValues(measures, counts);
    const names = Object.keys(values.metrics).join(', ');
    const warning = `${names}: of all pairs, which post-processors do not change; --pairs retrieved shows what they do to the retrieved ones`;
    return { metrics: values.metrics, warnings: [...(changed ? [warning] : []), ...values.warnings] };
  } finally {
    progress.stop();
  }
}
