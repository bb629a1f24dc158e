import { UserError } from '../src/data/errors.js';
import { checkItems, type Finding, type ItemReport } from '../src/datasets/check.js';
import { FILE_RULES, RULES } from '../src/datasets/check-rules.js';
import { readItems } from '../src/datasets/format-open.js';
import { formatCount } from '../src/report/format.js';
import { painter } from '../src/report/text-grid.js';
import { printable } from '../src/report/text-width.js';
import type { OptionName, Options } from './options.js';
import type { RunContext } from './run-context.js';

/** The options of `rankstream check`. */
export const CHECK_OPTIONS = ['items', 'root', 'json', 'config'] as const satisfies readonly OptionName[];

/**
 * Checks a table of items by the rules of the retrieval format.
 * @returns all that is wrong with it, which is nothing to throw
 * @throws UserError when the table cannot be read at all
 * @example const { violations } = await runCheck({ items: 'items.csv', root: 'pictures' });
 */
export async function runCheck({ items, root }: Options, { progress, signal }: RunContext = {}): Promise<ItemReport> {
  if (items === undefined) throw new UserError('give the table of items to check');
  return checkItems(await readItems(items), { root, progress, signal });
}

/** Findings of one rule that are printed; `--json` has all. */
const SHOWN = 20;

/** The outcome as text for people. */
export function checkText(
  { source, counts, violations, warnings }: ItemReport,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const paint = painter(color);
  const facts = Object.entries(counts).map(([name, count]) => `${formatCount(count)} ${name}`);
  const byRule = (findings: readonly Finding[], style: 'worse' | 'warning') =>
    [...RULES, ...FILE_RULES].flatMap(({ name, says }) => {
      const found = findings.filter(({ rule }) => rule === name);
      if (found.length === 0) return [];
      const more = found.length - SHOWN;
      return [
        '',
        paint(`${says} (${name}): ${style === 'warning' ? 'warning' : formatCount(found.length)}`, style),
        ...found.slice(0, SHOWN).map(({ message }) => `  ${printable(message)}`),
        ...(more > 0 ? [paint(`  ... and ${formatCount(more)} more (--json has all)`, 'dim')] : []),
      ];
    });
  return [
    `${printable(source)}: ${facts.join(', ')}`,
    ...byRule(violations, 'worse'),
    ...byRule(warnings, 'warning'),
    '',
    violations.length === 0 ? paint('every rule is kept', 'better') : paint(violationsText(violations.length), 'worse'),
  ].join('\n');
}

/** `3 violations`. */
export function violationsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'violation' : 'violations'}`;
}
