import { UserError } from '../../data/errors.js';

/** All parameters of the IR measures; each measure takes some of them. */
export interface MeasureOptions {
  /** Cut-off: only the first k retrieved items count. */
  readonly k?: number;
  /** Relevant is an item whose gain is at least this (1). */
  readonly rel?: number;
  /** Recall, from 0 to 1. */
  readonly recall?: number;
  /** Persistence of the user of RBP (0.8). */
  readonly p?: number;
  /** Weight of recall against precision in SetF (1). */
  readonly beta?: number;
  /** The highest grade of ERR (4). */
  readonly max?: number;
  /** Gains of nDCG: as they are (`log2`, the default), or 2^gain - 1 (`exp-log2`). */
  readonly dcg?: 'log2' | 'exp-log2';
}

interface Parameter {
  /** The value that a name leaves out. */
  readonly usual: number | string;
  /** What it must be: a positive integer, ... */
  readonly must: string;
  readonly allows: (value: number | string) => boolean;
}

const positiveInteger = (value: number | string) => Number.isSafeInteger(value) && Number(value) >= 1;

/** The parameters that are written in parentheses. */
export const PARAMETERS = {
  rel: { usual: 1, must: 'be a positive integer', allows: positiveInteger },
  p: { usual: 0.8, must: 'be above 0 and below 1', allows: (value) => Number(value) > 0 && Number(value) < 1 },
  beta: { usual: 1, must: 'be a positive number', allows: (value) => Number(value) > 0 && Number.isFinite(value) },
  max: { usual: 4, must: 'be an integer from 1 to 50', allows: (value) => positiveInteger(value) && Number(value) <= 50 },
  dcg: { usual: 'log2', must: "be 'log2' or 'exp-log2'", allows: (value) => value === 'log2' || value === 'exp-log2' },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof PARAMETERS;

/**
 * The name of a measure in ir_measures' notation, with what differs from the usual: `AP(rel=2)@10`.
 * @param k the cut-off, if there is one
 * @throws UserError for a parameter or a cut-off that is not allowed
 */
export function measureName(family: string, given: Pick<MeasureOptions, ParameterName>, k?: number): string {
  const written = Object.entries(given).map(([name, value]) => `${name}=${typeof value === 'string' ? `'${value}'` : value}`);
  const full = family + inParentheses(written) + (k === undefined ? '' : `@${k}`);
  const parameters = Object.entries(given) as [ParameterName, number | string][];
  for (const [name, value] of parameters) {
    if (!PARAMETERS[name].allows(value)) throw new UserError(`metric ${full}: ${name} must ${PARAMETERS[name].must}, not ${value}`);
  }
  if (k !== undefined && !positiveInteger(k)) throw new UserError(`metric ${full}: k must be a positive integer, not ${k}`);
  const unusual = written.filter((_, i) => parameters[i][1] !== PARAMETERS[parameters[i][0]].usual);
  return family + inParentheses(unusual) + (k === undefined ? '' : `@${k}`);
}

function inParentheses(written: readonly string[]): string {
  return written.length === 0 ? '' : `(${written.join(',')})`;
}
