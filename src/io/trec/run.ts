import { basename } from 'node:path';
import type { QueryLists } from '../../data/query-lists.js';
import { type ListOptions, readLists } from './format.js';
import { RUN } from './kind.js';

/** A run: for each query the documents that a system retrieved, with their scores (`values`, float32), in the order of the file. */
export interface Run extends QueryLists {
  /** The name of its last line; of other formats, that of the file. */
  readonly runId: string;
}

/**
 * Reads a run: TREC's six columns (query, Q0, document, rank, score, run; the rank is passed over), ranx's JSON (`{"q1": {"d1": 1.5}}`), BEIR's TSV
 * and JSON lines. The format shows in the first line and gzip in the first bytes, whatever the file's name says; `-` is stdin. Lines of a query may
 * stand anywhere; in memory each takes 12 bytes, and every id is there once.
 * @throws UserError naming file and line: too few columns, a score that is no number or beyond float32, a document twice for one query
 */
export async function readRun(path: string, options: ListOptions = {}): Promise<Run> {
  const { lists, name } = await readLists(path, RUN, options);
  return { ...lists, runId: name ?? basename(path).replace(/\..*$/, '') };
}
