import type { QueryLists } from '../../data/query-lists.js';
import { type ListOptions, readLists } from './format.js';
import { QRELS } from './kind.js';

/** Relevance judgements: for each query the judged documents with their gains (`values`; integers, of which 1 and above mean relevant). */
export type Qrels = QueryLists;

/**
 * Reads qrels: TREC's four columns (query, iteration, document, relevance), ranx's JSON (`{"q1": {"d1": 1}}`), BEIR's TSV and JSON lines; formats,
 * gzip and stdin as in `readRun`.
 * @throws UserError naming file and line: too few or too many columns, a relevance that is no integer, a document twice for one query
 */
export async function readQrels(path: string, options: ListOptions = {}): Promise<Qrels> {
  return (await readLists(path, QRELS, options)).lists;
}

/** Where the judgements of a query stand, by document id ascending. */
export function judgedById(qrels: Qrels, query: number): Int32Array {
  const from = qrels.offsets[query];
  const positions = new Int32Array(qrels.offsets[query + 1] - from);
  for (let i = 0; i < positions.length; i++) positions[i] = from + i;
  return positions.sort((a, b) => qrels.documents.compare(qrels.ids[a], qrels.ids[b]));
}
