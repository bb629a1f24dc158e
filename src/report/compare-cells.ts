import type { ComparedValue, Comparison } from './comparison.js';
import { formatCount, formatDifference, formatMetric } from './format.js';

/** Levels of the marks, by the p-value of the randomisation test as corrected by Holm. */
const MARKS = [
  ['***', 0.001],
  ['**', 0.01],
  ['*', 0.05],
] as const;

/** The columns of a comparison, behind metric and system. */
export const COMPARE_COLUMNS = [
  'mean',
  'difference',
  '95% interval',
  'wins/ties/losses',
  't-test',
  'randomisation',
  'Holm',
  'Bonferroni',
] as const;

/** The cells of a system: as many as there are columns. */
export function compareCells(value: ComparedValue): string[] {
  const { mean, difference, interval, wins, ties, losses, tTest, randomisation } = value;
  const mark = markOf(value);
  return [
    formatMetric(mean),
    formatDifference(difference),
    interval.map(formatDifference).join(' to '),
    [wins, ties, losses].map(formatCount).join('/'),
    formatP(tTest.p),
    formatP(randomisation.p),
    `${formatP(randomisation.holm)}${mark === '' ? '' : ` ${mark}`}`,
    formatP(randomisation.bonferroni),
  ];
}

/** Stars for a difference that is unlikely to be chance. */
export function markOf({ randomisation }: ComparedValue): string {
  return MARKS.find(([, level]) => randomisation.holm < level)?.[0] ?? '';
}

/** A p-value with 4 decimals; what would look like 0 as `<0.0001`. */
function formatP(p: number): string {
  return p < 0.0001 ? '<0.0001' : p.toFixed(4);
}

/** What the columns mean, a sentence each. */
export function compareLegend({ comparisons, permutations, resamples, seed }: Comparison): string[] {
  return [
    `difference: mean of the system minus mean of A; 95% interval: bootstrap (percentile, ${formatCount(resamples)} resamples)`,
    `t-test, randomisation: two-sided p of Student's paired t-test and of Fisher's randomisation test (exact where at most 20 queries differ, ` +
      `else of ${formatCount(permutations)} random assignments; seed ${seed})`,
    `Holm, Bonferroni: p of the randomisation test, corrected for ${formatCount(comparisons)} ${comparisons === 1 ? 'comparison' : 'comparisons'}; ` +
      `${[...MARKS]
        .reverse()
        .map(([mark, level]) => `${mark} below ${level}`)
        .join(', ')} (Holm)`,
  ];
}

/** How many queries, and what tells them apart. */
export function compareSetup({ queries, matchedBy }: Comparison): string {
  return `${formatCount(queries)} queries, matched by ${matchedBy}`;
}
