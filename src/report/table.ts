import {
  difference,
  formatDifference,
  formatMetric,
  formatStep,
  type Group,
  groupsOf,
  metricNames,
  setup,
  stepEffect,
  trend,
} from './format.js';
import type { Results } from './results.js';
import { type GridRow, gridLines, type Paint, painter } from './text-grid.js';
import { clipText, printable } from './text-width.js';

export interface TableOptions {
  /** ANSI colours (for a terminal); none by default. */
  readonly color?: boolean;
  /** Columns of the terminal (100): metrics that do not fit continue in a table beneath. */
  readonly width?: number;
  /** The most categories to show (50). */
  readonly maxGroups?: number;
}

const LONGEST_LABEL = 36;

/**
 * Results as text for people: the set-up, a table with a column per metric, warnings. The first row is OVERALL, then each category; with
 * post-processors each of them has three rows: before (RR), after (RR_upd) and the difference.
 */
export function resultsTable(results: Results, options: TableOptions = {}): string {
  const { color = false, width = 100, maxGroups = 50 } = options;
  const paint = painter(color);
  const groups = groupsOf(results);
  const names = metricNames(groups);
  const shown = groups.slice(0, maxGroups + 1);
  const lines = [...heading(results, paint), '', ...gridLines(groupRows(shown, names), names, width, paint)];
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
  const { transform = [], postprocess } = results;
  if (transform.length > 0) lines.push(printable(['embeddings', ...transform.map(formatStep), 'search'].join(' -> ')));
  for (const { name, seconds } of transform) if (seconds !== undefined) lines.push(printable(`  ${name}: ${seconds.toFixed(1)} s`));
  if (postprocess.length > 0) lines.push(printable(['RR', ...postprocess.map(formatStep), 'RR_upd'].join(' -> ')));
  for (const step of postprocess) {
    // What the metrics gained by a single step stands in the table.
    const [kept, ...changes] = stepEffect(step);
    const took = step.seconds === undefined ? [] : [`${step.seconds.toFixed(1)} s`];
    if (kept) lines.push(printable(`  ${step.name}: ${[kept, ...took, ...(postprocess.length > 1 ? changes : [])].join(', ')}`));
  }
  const { tuned } = results;
  if (tuned) {
    const [fitted, heldOut, equal] = [tuned.fitted, tuned.heldOut, tuned.equal].map(formatMetric);
    lines.push(
      printable(
        `weights ${tuned.weights.join(', ')} for ${tuned.metric}: ${fitted} fitted, ${heldOut} held out (${tuned.folds.length} folds), ${equal} with equal weights`,
      ),
    );
  }
  return lines.map((line) => paint(line, 'dim'));
}

/** The rows of all queries, then those of each category, under the name of its column. */
export function groupRows(groups: readonly Group[], names: readonly string[]): GridRow[] {
  return groups.flatMap((group, i) => rowsOf(group, names, group.column !== undefined && group.column !== groups[i - 1].column));
}

function rowsOf(group: Group, names: readonly string[], firstOfColumn: boolean): GridRow[] {
  const { column, metrics, baseline } = group;
  const label = column === undefined ? group.value : `  ${clipText(printable(group.value), LONGEST_LABEL)}`;
  const style = column === undefined ? 'bold' : undefined;
  const values = (of: Group['metrics']) => names.map((name) => ({ text: formatMetric(of[name]) }));
  const title: GridRow[] = firstOfColumn ? [{ head: [clipText(printable(column as string), LONGEST_LABEL)], cells: [], style: 'dim' }] : [];
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
