import { difference, formatDifference, formatMetric, formatStep, type Group, groupsOf, metricNames, setup, trend } from './format.js';
import type { Results } from './results.js';
import { clipText, padText, printable, textWidth } from './text-width.js';

export interface TableOptions {
  /** ANSI colours (for a terminal); none by default. */
  readonly color?: boolean;
  /** Columns of the terminal (100): metrics that do not fit continue in a table beneath. */
  readonly width?: number;
  /** The most categories to show (50). */
  readonly maxGroups?: number;
}

const GAP = '  ';
const LONGEST_LABEL = 36;
const STYLES = { bold: '1', dim: '2', better: '32', worse: '31', warning: '33' } as const;
type Style = keyof typeof STYLES;
type Paint = (text: string, style: Style | undefined) => string;

interface Row {
  /** The label, and the stage (RR, RR_upd, difference) where there is a baseline. */
  readonly head: readonly string[];
  readonly cells: readonly { readonly text: string; readonly style?: Style }[];
  readonly style?: Style;
}

/**
 * Results as text for people: the set-up, a table with a column per metric, warnings. The first row is OVERALL, then each category; with
 * post-processors each of them has three rows: before (RR), after (RR_upd) and the difference.
 */
export function resultsTable(results: Results, options: TableOptions = {}): string {
  const { color = false, width = 100, maxGroups = 50 } = options;
  const paint: Paint = (text, style) => (color && style ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const groups = groupsOf(results);
  const names = metricNames(groups);
  const shown = groups.slice(0, maxGroups + 1);
  const rows = shown.flatMap((group, i) => groupRows(group, names, group.column !== undefined && group.column !== shown[i - 1].column));
  const lines = [...heading(results, paint), '', ...metricLines(rows, names, width, paint)];
  const hidden = groups.length - shown.length;
  if (hidden > 0) lines.push(paint(`... and ${hidden} more categories; all of them: --json`, 'dim'));
  if (results.warnings.length > 0) lines.push('', ...results.warnings.map((warning) => paint(`warning: ${printable(warning)}`, 'warning')));
  return lines.join('\n');
}

function heading(results: Results, paint: Paint): string[] {
  const lines = [
    setup(results)
      .map(([name, value]) => `${name} ${printable(value)}`)
      .join(', '),
  ];
  if (results.postprocess.length > 0) lines.push(printable(['RR', ...results.postprocess.map(formatStep), 'RR_upd'].join(' -> ')));
  return lines.map((line) => paint(line, 'dim'));
}

function groupRows(group: Group, names: readonly string[], firstOfColumn: boolean): Row[] {
  const { column, metrics, baseline } = group;
  const label = column === undefined ? group.value : `  ${clipText(printable(group.value), LONGEST_LABEL)}`;
  const style = column === undefined ? 'bold' : undefined;
  const values = (of: Group['metrics']) => names.map((name) => ({ text: formatMetric(of[name]) }));
  const title: Row[] = firstOfColumn ? [{ head: [clipText(printable(column as string), LONGEST_LABEL)], cells: [], style: 'dim' }] : [];
  if (!baseline) return [...title, { head: [label], cells: values(metrics), style }];
  const changes = names.map((name) => {
    const change = difference(metrics[name], baseline[name]);
    return { text: formatDifference(change), style: trend(name, change) };
  });
  return [
    ...title,
    { head: [label, 'RR'], cells: values(baseline), style },
    { head: ['', 'RR_upd'], cells: values(metrics), style },
    { head: ['', 'difference'], cells: changes },
  ];
}

/** One table, or several of the same rows one beneath the other, when the metrics do not fit the width. */
function metricLines(rows: readonly Row[], names: readonly string[], width: number, paint: Paint): string[] {
  const headWidths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => textWidth(row.head[i] ?? '')))).filter((w) => w > 0);
  const headWidth = headWidths.reduce((sum, w) => sum + w + GAP.length, 0);
  const widths = names.map((name, i) => Math.max(textWidth(name), ...rows.map((row) => row.cells[i]?.text.length ?? 0)));
  const lines: string[] = [];
  for (let start = 0; start < names.length || start === 0; ) {
    let end = start + 1;
    let used = headWidth + (widths[start] ?? 0);
    while (end < names.length && used + GAP.length + widths[end] <= width) used += GAP.length + widths[end++];
    if (start > 0) lines.push('');
    const header = names.slice(start, end).map((name, i) => padText(name, widths[start + i], 'right'));
    lines.push(paint(`${' '.repeat(headWidth)}${header.join(GAP)}`.trimEnd(), 'bold'));
    for (const row of rows) {
      const head = headWidths.map((w, i) => paint(padText(row.head[i] ?? '', w), row.style) + GAP).join('');
      const cells = row.cells
        .slice(start, end)
        .map((cell, i) => paint(padText(cell.text, widths[start + i], 'right'), cell.style ?? row.style));
      lines.push((head + cells.join(GAP)).trimEnd());
    }
    start = end;
  }
  return lines;
}
