import type { FileReading } from './check-files.js';
import { place } from './check-place.js';
import { each, type Found, type Rule } from './check-rule.js';
import { FILE_RULES, RULES } from './check-rules.js';
import { BOX, flagOf, keyOf } from './format.js';
import { itemsRoot } from './format-paths.js';
import { type ItemTable, sourceRow } from './item-table.js';

/** What is wrong, and where. */
export interface Finding {
  /** The rule that it violates. */
  readonly rule: string;
  /** Row of the table, from 0, where it is about one. */
  readonly row?: number;
  readonly column?: string;
  /** One line that begins with file, row and column. */
  readonly message: string;
}

export interface ItemCounts {
  readonly items: number;
  readonly train: number;
  readonly validation: number;
  readonly queries: number;
  readonly gallery: number;
  /** Distinct labels. */
  readonly labels: number;
  /** Distinct categories, where there is such a column. */
  readonly categories?: number;
  /** Distinct paths, where there is such a column. */
  readonly files?: number;
  /** Rows with a box, where there are such columns. */
  readonly boxes?: number;
}

/** What a table of items is, and all that is wrong with it. */
export interface ItemReport {
  readonly source: string;
  readonly counts: ItemCounts;
  /** Violations rule by rule, in each by rows: all of them, or the first `most` of each rule. */
  readonly violations: readonly Finding[];
  /** What is allowed, but may not be meant; as `violations`. */
  readonly warnings: readonly Finding[];
  /** How many findings each rule has, of those that have any. */
  readonly found: Readonly<Record<string, number>>;
}

export interface CheckOptions extends FileReading {
  /** Folder that paths are relative to, and must not leave (default: the table's own). */
  readonly root?: string;
  /** Findings of each rule that the report has (default: all), so that memory does not grow with what is wrong. */
  readonly most?: number;
  /** Is told of every finding when it is found, violations first. */
  readonly onFinding?: (finding: Finding, warns: boolean) => void;
}

/**
 * Checks a table of items by every rule of the format, and tells of all violations (`RULES`, `FILE_RULES`). Files are only looked at: whether one can be
 * decoded is found out when it is loaded, except that pictures with boxes must have a head that tells their size.
 * @param items as `readItems` gives them
 * @throws UserError for a root that is no folder
 * @example const { violations } = await checkItems(await readItems('items.csv'), { root: 'pictures' });
 */
export async function checkItems(
  items: ItemTable,
  { root, most = Number.POSITIVE_INFINITY, onFinding, ...reading }: CheckOptions = {},
): Promise<ItemReport> {
  const checked = { items, root: await itemsRoot(items.source, root) };
  const found: Record<string, number> = {};
  const violations: Finding[] = [];
  const warnings: Finding[] = [];
  const finder =
    ({ name, warns }: Pick<Rule, 'name' | 'warns'>): Found =>
    (row, column, message) => {
      found[name] = (found[name] ?? 0) + 1;
      const kept = found[name] <= most;
      if (!kept && !onFinding) return;
      const finding = {
        rule: name,
        row: row === undefined ? undefined : sourceRow(items, row),
        column,
        message: `${place(items, row, column)}: ${message}`,
      };
      if (kept) (warns ? warnings : violations).push(finding);
      onFinding?.(finding, warns === true);
    };
  for (const rule of RULES) if (!rule.warns) rule.check(checked, finder(rule));
  for (const rule of FILE_RULES) await rule.check(checked, finder(rule), reading);
  for (const rule of RULES) if (rule.warns) rule.check(checked, finder(rule));
  return { source: items.source, counts: countsOf(items), violations, warnings, found };
}

/** All violations there are, also those that the report has not. */
export function violationCount({ found }: Pick<ItemReport, 'found'>): number {
  return [...RULES, ...FILE_RULES].reduce((sum, { name, warns }) => (warns ? sum : sum + (found[name] ?? 0)), 0);
}

function countsOf(items: ItemTable): ItemCounts {
  const count = (column: string, counts: (value: unknown, row: number) => boolean) => {
    let n = 0;
    each(items, column, (value, row) => {
      if (counts(value, row)) n++;
    });
    return n;
  };
  const distinct = (column: string) => {
    const seen = new Set<unknown>();
    each(items, column, (value) => seen.add(keyOf(value) ?? null));
    seen.delete(null);
    return seen.size;
  };
  const has = (column: string) => column in items.columns;
  return {
    items: items.size,
    train: count('split', (split) => split === 'train'),
    validation: count('split', (split) => split === 'validation'),
    queries: count('is_query', (flag) => flagOf(flag) === true),
    gallery: count('is_gallery', (flag) => flagOf(flag) === true),
    labels: distinct('label'),
    ...(has('category') && { categories: distinct('category') }),
    ...(has('path') && { files: distinct('path') }),
    ...(BOX.every(has) && { boxes: count('x_1', (side) => side !== null) }),
  };
}
