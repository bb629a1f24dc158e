import { COMPARE_COLUMNS, compareCells, compareLegend, compareSetup, markOf } from './compare-cells.js';
import { compareChanges } from './compare-changes.js';
import type { Comparison } from './comparison.js';
import { formatMetric, trend } from './format.js';
import { type GridRow, gridLines, painter } from './text-grid.js';
import { clipText, printable } from './text-width.js';

const LONGEST_NAME = 60;

/** A comparison as text for people. @param options.width columns of the terminal (no end): columns that do not fit continue beneath */
export function comparisonTable(
  comparison: Comparison,
  { color = false, width = Number.POSITIVE_INFINITY }: { readonly color?: boolean; readonly width?: number } = {},
): string {
  const paint = painter(color);
  const name = (text: string) => clipText(printable(text), LONGEST_NAME);
  const systems = comparison.systems.map((system, s) => `${system.label}  ${name(system.name)}${s === 0 ? ' (baseline)' : ''}`);
  const rows = comparison.metrics.flatMap(({ metric, baseline, against }): GridRow[] => [
    { head: [name(metric), baseline.system], cells: [{ text: formatMetric(baseline.mean) }] },
    ...against.map((value): GridRow => {
      const style = markOf(value) === '' ? undefined : trend(metric, value.difference);
      return { head: ['', value.system], cells: compareCells(value).map((text, i) => ({ text, style: i === 1 ? style : undefined })) };
    }),
  ]);
  const changes = compareChanges(comparison, name).flatMap(({ title, lines }) => [
    '',
    paint(title, 'bold'),
    ...lines.map(({ what, queries }) => `  ${what.padEnd(6)}  ${queries.join(', ')}`),
  ]);
  const warnings = comparison.warnings.map((warning) => paint(`warning: ${printable(warning)}`, 'warning'));
  return [
    ...systems,
    paint(compareSetup(comparison), 'dim'),
    '',
    ...gridLines(rows, COMPARE_COLUMNS, width, paint),
    '',
    ...compareLegend(comparison).map((line) => paint(line, 'dim')),
    ...changes,
    ...(warnings.length > 0 ? ['', ...warnings] : []),
  ].join('\n');
}
