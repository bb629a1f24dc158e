import { UserError } from '../../data/errors.js';
import { parseFloat32, parseInteger, text } from './numbers.js';

/** What tells the files of runs and of qrels apart. */
export interface Kind {
  readonly name: 'run' | 'qrels';
  /** The columns of the TREC format... */
  readonly columns: readonly string[];
  /** ...of which these are the document and the number; the query is the first. */
  readonly document: number;
  readonly value: number;
  /** The column of the run's name, behind which anything may stand: trec_eval passes over it there, and refuses it in qrels. */
  readonly runId?: number;
  /** What the number is. */
  readonly number: string;
  /** What it must be. */
  readonly must: string;
  /** Reads the number; NaN or an infinity where the bytes are not what it must be. */
  readonly parse: (bytes: Uint8Array, from: number, to: number) => number;
}

export const RUN: Kind = {
  name: 'run',
  columns: ['query', 'Q0', 'document', 'rank', 'score', 'run'],
  document: 2,
  value: 4,
  runId: 5,
  number: 'score',
  must: 'a decimal number that float32 can hold',
  parse: parseFloat32,
};

export const QRELS: Kind = {
  name: 'qrels',
  columns: ['query', '0', 'document', 'relevance'],
  document: 2,
  value: 3,
  number: 'relevance',
  must: 'an integer',
  parse: parseInteger,
};

/** The number that bytes of a line write. @throws UserError when it is not what it must be */
export function numberOf(kind: Kind, bytes: Uint8Array, from: number, to: number, source: string, line: number): number {
  const value = kind.parse(bytes, from, to);
  // Of infinities and NaN alone the difference to themselves is not 0.
  if (value - value !== 0) throw new UserError(`${source}, line ${line}: ${kind.number} "${text(bytes, from, to)}" is not ${kind.must}`);
  return value;
}
