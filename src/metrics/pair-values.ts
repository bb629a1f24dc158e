import { openBins, type PairCounts, type PairMeasure } from '../data/pair-counts.js';

/** Measures of pairs by name; null where one is not defined, and why. */
export interface PairValues {
  readonly metrics: Record<string, number | null>;
  readonly positives: number;
  readonly negatives: number;
  readonly warnings: string[];
}

/** The values of measures on counted pairs; null while a measure needs finer bins than the counts have. */
export function pairValues(measures: readonly PairMeasure[], counts: PairCounts): PairValues {
  const [positives, negatives] = [counts.totalPositives, counts.totalNegatives];
  const metrics = Object.fromEntries(
    measures.map((measure) => [measure.name, openBins([measure], counts).length > 0 ? null : measure.value(counts)]),
  );
  const missing = [...(positives === 0 ? ['positive (relevant)'] : []), ...(negatives === 0 ? ['negative (not relevant)'] : [])];
  const undefinedOnes = Object.keys(metrics).filter((name) => metrics[name] === null);
  const warnings = measures.flatMap((measure) => measure.remark?.(counts) ?? []);
  if (missing.length > 0 && undefinedOnes.length > 0) {
    warnings.unshift(
      `there are no ${missing.join(' and no ')} pairs, so ${undefinedOnes.join(', ')} ${undefinedOnes.length === 1 ? 'is' : 'are'} not defined`,
    );
  }
  return { metrics, positives, negatives, warnings };
}
