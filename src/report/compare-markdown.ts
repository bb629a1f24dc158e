import { COMPARE_COLUMNS, compareCells, compareLegend, compareSetup } from './compare-cells.js';
import { compareChanges } from './compare-changes.js';
import type { Comparison } from './comparison.js';
import { formatMetric } from './format.js';
import { printable } from './text-width.js';

/** A comparison as Markdown (tables as GitHub reads them). */
export function comparisonMarkdown(comparison: Comparison): string {
  const { systems, metrics, warnings } = comparison;
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = metrics.flatMap(({ metric, baseline, against }) => [
    row([escapeMarkdown(metric), baseline.system, formatMetric(baseline.mean), ...COMPARE_COLUMNS.slice(1).map(() => '')]),
    ...against.map((value) => row(['', value.system, ...compareCells(value).map(escapeMarkdown)])),
  ]);
  const changes = compareChanges(comparison, escapeMarkdown).flatMap(({ title, lines }) => [
    '',
    `${title}:`,
    '',
    ...lines.map(({ what, queries }) => `- ${what}: ${queries.join(', ')}`),
  ]);
  return [
    ...systems.map(({ label, name }, s) => `- ${label}: ${escapeMarkdown(name)}${s === 0 ? ' (baseline)' : ''}`),
    '',
    `${compareSetup(comparison)}.`,
    '',
    row(['metric', 'system', ...COMPARE_COLUMNS]),
    `|---|---|${COMPARE_COLUMNS.map(() => '---:|').join('')}`,
    ...rows,
    '',
    ...compareLegend(comparison).map((line) => `- ${escapeMarkdown(line)}`),
    ...changes,
    ...(warnings.length > 0 ? ['', ...warnings.map((warning) => `- warning: ${escapeMarkdown(warning)}`)] : []),
  ].join('\n');
}

/** Text that shows as it is: a backslash before every character that Markdown could take for its own. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|~&$#]/g, '\\$&');
}
