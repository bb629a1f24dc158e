import { UserError } from '../src/data/errors.js';
import { type CheckOptions, checkItems, type Finding, type ItemReport, violationCount } from '../src/datasets/check.js';
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
export async function runCheck({ items, root }: Options, { progress, signal, ...findings }: CheckContext = {}): Promise<ItemReport> {
  if (items === undefined) throw new UserError('give the table of items to check');
  return checkItems(await readItems(items), { root, progress, signal, ...findings });
}

/** How a check runs, and what it keeps of its findings. */
export interface CheckContext extends RunContext, Pick<CheckOptions, 'most' | 'onFinding'> {}

/** Findings of one rule that are printed; `--json` has all. */
const SHOWN = 20;

/** Length of what is written at a time. */
const PIECE = 1 << 16;

/**
 * `runCheck` for the command line, which keeps no more of what it finds than it prints: as text for people, or as JSON with all findings, written as they
 * are found.
 * @param write takes a piece of the output
 * @returns the number of violations
 */
export async function printCheck(options: Options, context: RunContext, write: (text: string) => void, color = false): Promise<number> {
  if (!options.json) {
    const report = await runCheck(options, { ...context, most: SHOWN });
    write(`${checkText(report, { color })}\n`);
    return violationCount(report);
  }
  const list = { violations: 0, warnings: 0 };
  let piece = '{\n  "violations": [';
  const onFinding = (finding: Finding, warns: boolean) => {
    if (warns && list.warnings === 0) piece += '\n  ],\n  "warnings": [';
    piece += `${list[warns ? 'warnings' : 'violations']++ === 0 ? '' : ','}\n    ${JSON.stringify(finding)}`;
    if (piece.length < PIECE) return;
    write(piece);
    piece = '';
  };
  const { source, counts, found } = await runCheck(options, { ...context, most: 0, onFinding });
  if (list.warnings === 0) piece += '\n  ],\n  "warnings": [';
  write(`${piece}\n  ],\n${JSON.stringify({ source, counts, found }, null, 2).slice(2)}\n`);
  return list.violations;
}

/** The outcome as text for people. */
function checkText(report: ItemReport, { color = false }: { readonly color?: boolean } = {}): string {
  const { source, counts, violations, warnings } = report;
  const paint = painter(color);
  const facts = Object.entries(counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  const byRule = (findings: readonly Finding[], style: 'worse' | 'warning') =>
    [...RULES, ...FILE_RULES].flatMap(({ name, says }) => {
      const shown = findings.filter(({ rule }) => rule === name).slice(0, SHOWN);
      if (shown.length === 0) return [];
      const more = report.found[name] - shown.length;
      return [
        '',
        paint(`${says} (${name}): ${style === 'warning' ? 'warning' : formatCount(report.found[name])}`, style),
        ...shown.map(({ message }) => `  ${printable(message)}`),
        ...(more > 0 ? [paint(`  ... and ${formatCount(more)} more (--json has all)`, 'dim')] : []),
      ];
    });
  const count = violationCount(report);
  return [
    `${printable(source)}: ${facts.join(', ')}`,
    ...byRule(violations, 'worse'),
    ...byRule(warnings, 'warning'),
    '',
    count === 0 ? paint('every rule is kept', 'better') : paint(violationsText(count), 'worse'),
  ].join('\n');
}

/** `3 violations`. */
export function violationsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'violation' : 'violations'}`;
}
