import { escapeHtml, excerpt } from '../data/escape.js';
import { difference, formatDifference, formatMetric, type Group, groupsOf, metricNames, trend } from './format.js';
import type { Results } from './results.js';

/** Categories beyond these are left to the results file: a page of thousands of rows helps nobody. */
const MOST_GROUPS = 500;

/** Overall metrics as tiles, then a table for each `by` column. */
export function metricsSection(results: Results): string {
  const [overall, ...groups] = groupsOf(results);
  const names = metricNames([overall, ...groups]);
  const columns = [...new Set(groups.map((group) => group.column as string))];
  const tables = columns.map((column) => {
    return categoryTable(
      column,
      overall,
      groups.filter((group) => group.column === column),
      names,
    );
  });
  const tiles = `<dl class="tiles">${names.map((name) => tile(name, overall)).join('')}</dl>`;
  return `<section id="metrics"><h2>Metrics</h2>${tiles}${tables.join('')}</section>`;
}

function tile(name: string, { metrics, baseline }: Group): string {
  const before = baseline
    ? `<span class="before">RR ${formatMetric(baseline[name])} ${changeOf(name, metrics[name], baseline[name])}</span>`
    : '';
  return `<div><dt>${escapeHtml(name)}</dt><dd class="value${bar(metrics[name])}>${formatMetric(metrics[name])}${before}</dd></div>`;
}

function categoryTable(column: string, overall: Group, groups: readonly Group[], names: readonly string[]): string {
  const shown = groups.slice(0, MOST_GROUPS);
  const more = groups.length - shown.length;
  const rows = [overall, ...shown].map((group) => {
    const head = `<th scope="row" dir="auto" title="${escapeHtml(group.value)}">${escapeHtml(excerpt(group.value, 60))}</th>`;
    return `<tr${group === overall ? ' class="overall"' : ''}>${head}${names.map((name) => metricCell(name, group)).join('')}</tr>`;
  });
  const header = names.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const title = `By ${excerpt(column, 60)}`;
  return `<h3>${escapeHtml(title)}</h3>
<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(`Metrics ${title}`)}"><table>
<thead><tr><th scope="col">${escapeHtml(column)}</th>${header}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>${more > 0 ? `<p class="more">... and ${more} more; all of them are in the results JSON.</p>` : ''}`;
}

function metricCell(name: string, { metrics, baseline }: Group): string {
  const before = baseline
    ? `<span class="before">${formatMetric(baseline[name])} ${changeOf(name, metrics[name], baseline[name])}</span>`
    : '';
  return `<td class="value">${formatMetric(metrics[name])}${before}</td>`;
}

function changeOf(name: string, after: number | null | undefined, before: number | null | undefined): string {
  const change = difference(after, before);
  return `<span class="${trend(name, change) ?? 'same'}">${formatDifference(change)}</span>`;
}

/** Ends the attribute `class`: a share has a bar of its length beneath it, other numbers have none. */
function bar(value: number | null | undefined): string {
  return typeof value === 'number' && value >= 0 && value <= 1 ? ` share" style="--share:${(value * 100).toFixed(1)}%"` : '"';
}
