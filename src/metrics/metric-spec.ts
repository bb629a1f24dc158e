import { UserError } from '../data/errors.js';

/** A metric as it is written: `RBP(rel=2,p=0.9)@10`. */
export interface MetricSpec {
  readonly family: string;
  /** What stands in parentheses, by name; quotes around a value are dropped. */
  readonly parameters: ReadonlyMap<string, string>;
  /** What stands after the `@`. */
  readonly at: string | undefined;
}

/**
 * Takes a metric's name apart.
 * @returns undefined when it is no name of a metric at all
 * @throws UserError when what stands in parentheses is not `name=value,...`
 */
export function parseSpec(name: string): MetricSpec | undefined {
  const [whole, family, inside, at] = /^([^(@]+)(?:\((.*)\))?(?:@(.*))?$/s.exec(name) ?? [];
  if (whole === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const pair of splitNames(inside ?? '')) {
    const [, key, value] = /^(\w+)\s*=\s*(.+)$/s.exec(pair) ?? [];
    if (key === undefined) throw new UserError(`metric ${name}: parameters are written name=value, not ${pair}`);
    if (parameters.has(key)) throw new UserError(`metric ${name}: ${key} is given twice`);
    parameters.set(key, value.replace(/^(['"])(.*)\1$/s, '$2'));
  }
  return { family, parameters, at };
}

/** A list of names, cut at commas outside parentheses; blanks around names and empty places are dropped. */
export function splitNames(list: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= list.length; i++) {
    if (list[i] === '(') depth++;
    else if (list[i] === ')') depth--;
    else if (i === list.length || (list[i] === ',' && depth <= 0)) {
      names.push(list.slice(start, i).trim());
      start = i + 1;
    }
  }
  return names.filter((name) => name !== '');
}
