import { difference, formatCount, formatDifference, formatMetric, trend } from './format.js';
import { type GridRow, gridLines, painter } from './text-grid.js';
import { clipText, printable } from './text-width.js';
import type { Tuning } from './tuning.js';

const COLUMNS = ['queries', 'training', 'held out', 'without', 'difference', 'chosen'];
const LONGEST_CHAIN = 80;

/** The outcome of `rankstream tune` as text for people. @param options.width columns of the terminal (no end): columns that do not fit continue beneath */
export function tuningTable(
  tuning: Tuning,
  { color = false, width = Number.POSITIVE_INFINITY }: { readonly color?: boolean; readonly width?: number } = {},
): string {
  const paint = painter(color);
  const { metric, optimum, heldOut, baseline, best } = tuning;
  const row = (name: string, [queries, training, chosen]: readonly [string, string, string], value: number, before: number): GridRow => {
    const change = difference(value, before);
    const texts = [queries, training, formatMetric(value), formatMetric(before), formatDifference(change), chosen];
    return { head: [name], cells: texts.map((text, i) => ({ text, style: i === 4 ? trend(metric, change) : undefined })) };
  };
  const rows = [
    ...tuning.byFold.map((fold, f) => {
      const chain = clipText(printable(fold.with), LONGEST_CHAIN);
      return row(`fold ${f + 1}`, [formatCount(fold.queries), formatMetric(fold.training), chain], fold.heldOut, fold.baseline);
    }),
    row('mean of folds', ['', '', ''], heldOut.mean, baseline.mean),
    { head: ['deviation'], cells: ['', '', formatMetric(heldOut.deviation), formatMetric(baseline.deviation)].map((text) => ({ text })) },
    row('all queries', [formatCount(tuning.queries), '', ''], heldOut.pooled, baseline.pooled),
  ];
  const setup = [
    `${printable(metric)} (the ${optimum} is best)`,
    `${formatCount(tuning.points)} ${tuning.points === 1 ? 'point' : 'points'}`,
    `${formatCount(tuning.folds)} folds (seed ${tuning.seed})`,
    `results read ${formatCount(tuning.reads)} times`,
  ];
  return [
    paint(setup.join(', '), 'dim'),
    '',
    ...gridLines(rows, COLUMNS, width, paint),
    '',
    `to use: --with "${printable(best.with)}"`,
    paint(`(${formatMetric(best.fitted)} on the queries it was chosen by; expect what is held out)`, 'dim'),
    ...tuning.warnings.map((warning) => paint(`warning: ${printable(warning)}`, 'warning')),
  ].join('\n');
}
