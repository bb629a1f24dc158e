import { groupsOf, metricNames, setup } from './format.js';
import type { Results } from './results.js';
import { groupRows, type TableOptions } from './table.js';
import { gridLines, painter } from './text-grid.js';
import { printable } from './text-width.js';

/**
 * The results of several sets as one table for people: what each set is, then the rows of each (RR, RR_upd and the difference with post-processors;
 * categories beneath), a column per metric, then the warnings.
 */
export function setsTable(sets: Readonly<Record<string, Results>>, options: TableOptions = {}): string {
  const { color = false, width = 100, maxGroups = 50 } = options;
  const paint = painter(color);
  const named = Object.entries(sets).map(([name, results]) => {
    const [overall, ...groups] = groupsOf(results);
    return { name, results, groups: [{ ...overall, value: printable(name) }, ...groups] };
  });
  const names = metricNames(named.flatMap(({ groups }) => groups));
  const headings = named.map(
    ({ name, results }) =>
      `${name}: ${setup(results)
        .map((fact) => fact.join(' '))
        .join(', ')}`,
  );
  const rows = named.flatMap(({ groups }) => groupRows(groups.slice(0, maxGroups + 1), names));
  const hidden = named.filter(({ groups }) => groups.length > maxGroups + 1);
  const warnings = named.flatMap(({ name, results }) => results.warnings.map((warning) => `warning: ${name}: ${warning}`));
  return [
    ...headings.map((line) => paint(printable(line), 'dim')),
    '',
    ...gridLines(rows, names, width, paint),
    ...hidden.map(({ name, groups }) =>
      paint(`... and ${groups.length - maxGroups - 1} more categories of ${printable(name)}: --json`, 'dim'),
    ),
    ...(warnings.length > 0 ? ['', ...warnings.map((warning) => paint(printable(warning), 'warning'))] : []),
  ].join('\n');
}
