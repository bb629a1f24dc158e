import type { PairMeasure } from '../src/data/pair-counts.js';
import { itemMetrics } from '../src/metrics/item-metrics.js';
import { pairValues } from '../src/metrics/pair-values.js';
import type { ItemMeasure } from '../src/metrics/pcf.js';
import { type AllPairsOptions, allPairs } from '../src/search/all-pairs.js';
import type { Progress } from './progress.js';
import type { MoreValues } from './results.js';
import type { Sets } from './sets.js';

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
  const lacking = by.filter((column) => !sets.gallery.columns[column]);
  const names = measures.map(({ name }) => name).join(', ');
  const warnings = lacking.map((column) => `${names} by ${column}: of the queries only, as the gallery has no column "${column}"`);
  return { ...values, warnings: [...warnings, ...values.warnings] };
}

/** Measures of the pairs of every query with every gallery item. */
export async function measurePairs(
  sets: Sets,
  measures: readonly PairMeasure[],
  { changed, ...options }: AllPairsOptions & { readonly changed: boolean },
  progress: Progress,
): Promise<MoreValues> {
  progress.start('pairs');
  try {
    const counts = await allPairs(sets.gallery, sets.queries, measures, { ...options, onBatch: (rows) => progress.advance(rows) });
    const values = pairValues(measures, counts);
    const names = Object.keys(values.metrics).join(', ');
    const warning = `${names}: of all pairs, which post-processors do not change; --pairs retrieved shows what they do to the retrieved ones`;
    return { metrics: values.metrics, warnings: [...(changed ? [warning] : []), ...values.warnings] };
  } finally {
    progress.stop();
  }
}
