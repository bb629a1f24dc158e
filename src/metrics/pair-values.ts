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
  const open = measures.filter((measure) => openBins([measure], counts).length > 0);
  const metrics = Object.fromEntries(measures.map((measure) => [measure.name, open.includes(measure) ? null : measure.value(counts)]));
  const missing = [...(positives === 0 ? ['positive (relevant)'] : []), ...(negatives === 0 ? ['negative (not relevant)'] : [])];
  const without = measures.filter((measure) => !open.includes(measure) && metrics[measure.name] === null);
  const warnings = measures.filter((measure) => !open.includes(measure)).flatMap((measure) => measure.remark?.(counts) ?? []);
  if (without.length > 0) warnings.unshift(`there are no ${missing.join(' and no ')} pairs: ${listed(without)} not defined`);
  if (open.length > 0)
    warnings.unshift(`so many pairs need a second pass over the results, which saved states do not hold: ${listed(open)} not known`);
  return { metrics, positives, negatives, warnings };
}

function listed(measures: readonly PairMeasure[]): string {
  return `${measures.map(({ name }) => name).join(', ')} ${measures.length === 1 ? 'is' : 'are'}`;
}
