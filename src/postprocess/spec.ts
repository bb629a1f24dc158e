import { didYouMean, UserError } from '../data/errors.js';

/** A parameter of a step on the command line. */
export interface Parameter {
  readonly name: string;
  /** Default: a number. */
  readonly kind?: 'number' | 'text';
  /** Written after an `@` instead of a comma. */
  readonly at?: boolean;
  /** Where it may be left out. */
  readonly optional?: boolean;
  /** What holds where it is left out, as it is shown. */
  readonly usual?: number | string;
}

/** What is called by a name, or by others. */
interface Named {
  readonly aliases?: readonly string[];
}

/** A step that can be written on the command line: what it takes, and what makes it. */
export interface StepFamily<T> extends Named {
  readonly params: readonly Parameter[];
  // Its arguments have the kinds that `params` names.
  readonly make: (...values: never[]) => T | Promise<T>;
}

/** Adds a step to a table. @throws UserError when the name is taken, or has a character of the notation in it */
export function addStep<F extends StepFamily<unknown>>(what: string, name: string, family: F, table: Record<string, F>): void {
  for (const one of [name, ...(family.aliases ?? [])]) {
    if (!/^[\w-]+$/.test(one)) throw new UserError(`${what} "${one}": a name is made of letters, digits, - and _`);
    const taken = Object.entries(table).some(([own, { aliases = [] }]) => own === one || aliases.includes(one));
    if (taken) throw new UserError(`there is already a ${what} "${one}"`);
  }
  table[name] = family;
}

/** How every step of a table is written. */
export function usages(table: Readonly<Record<string, StepFamily<unknown>>>): string[] {
  return Object.entries(table).map(([name, { params }]) => usageOf(name, params));
}

/**
 * The entry of a table that a specification names, what follows its name, and its own name.
 * @param what it is, for messages: `post-processor`
 * @throws UserError for an unknown name, with the nearest one
 */
export function entryOf<E extends Named>(
  what: string,
  spec: string,
  table: Readonly<Record<string, E>>,
): [name: string, entry: E, list?: string] {
  const [name, list] = cutName(spec);
  const known = Object.entries(table);
  const found = known.find(([own, { aliases = [] }]) => own === name || aliases.includes(name));
  if (found) return [...found, list];
  if (name === '') throw new UserError(`an empty ${what} in the chain; write its name (${Object.keys(table).join(', ')})`);
  const nearest = didYouMean(
    name,
    known.flatMap(([own, { aliases = [] }]) => [own, ...aliases]),
  );
  throw new UserError(`unknown ${what} "${name}" (there are: ${Object.keys(table).join(', ')})${nearest}`);
}

/** The name of a step and what follows it: `top:5` is `top` and `5`, `mmr@5` is `mmr` and `@5`; undefined where nothing does. */
export function cutName(spec: string): [name: string, list?: string] {
  const [name] = spec.split(/[:@]/, 1);
  const rest = spec.slice(name.length);
  return rest === '' ? [name] : [name, rest.replace(/^:/, '')];
}

/** How a step is written: `rerank:model=TEXT[,orders=one]@topN`. */
export function usageOf(name: string, params: readonly Parameter[]): string {
  const written = params.map(({ name: param, kind = 'number', at, optional, usual }, i) => {
    const text = at ? `@${usual ?? param}` : `${i > 0 ? ',' : ''}${param}=${usual ?? kind.toUpperCase()}`;
    return optional ? `[${text}]` : text;
  });
  return params.length === 0 ? name : `${name}:${written.join('')}`;
}

/**
 * The values of a step's parameters, in their order; undefined for an optional one that is not there.
 * @param spec the whole step, for messages: `post-processor "top:x"`
 * @param list what follows its name and the colon
 * @param usage how to write it, for messages
 * @throws UserError for a parameter that is missing, unknown, there twice or of the wrong kind
 */
export function readSpec(
  spec: string,
  list: string | undefined,
  params: readonly Parameter[],
  usage: string,
): readonly (string | number | undefined)[] {
  const values = new Map<string, string | number>();
  const set = (param: Parameter | undefined, text: string, part: string) => {
    if (!param) throw new UserError(`${spec}: no parameter for "${part}"; ${usage}`);
    if (values.has(param.name)) throw new UserError(`${spec}: ${param.name} is given twice; ${usage}`);
    values.set(param.name, checked(spec, param, text, usage));
  };
  const behind = params.find(({ at }) => at);
  const split = behind ? /^(.*)@([^@]*)$/s.exec(list ?? '') : null;
  if (split) set(behind, split[2].trim(), split[2]);
  const ahead = params.filter(({ at }) => !at);
  const text = split ? split[1] : list;
  for (const [i, part] of (text ? text.split(',') : []).entries()) {
    const named = /^\s*([\w-]+)\s*=(.*)$/s.exec(part);
    if (named)
      set(
        params.find(({ name }) => name === named[1]),
        named[2].trim(),
        part,
      );
    else set(ahead[i], part.trim(), part);
  }
  const missing = params.find(({ name, optional }) => !optional && !values.has(name));
  if (missing) throw new UserError(`${spec}: ${missing.name} is missing; ${usage}`);
  return params.map(({ name }) => values.get(name));
}

function checked(spec: string, { name, kind = 'number' }: Parameter, text: string, usage: string): string | number {
  const what = kind === 'number' ? 'a number' : 'a text';
  if (text === '' || (kind === 'number' && !Number.isFinite(Number(text)))) {
    throw new UserError(`${spec}: ${name} must be ${what}, not "${text}"; ${usage}`);
  }
  return kind === 'number' ? Number(text) : text;
}
