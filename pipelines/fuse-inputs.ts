import { UserError } from '../src/data/errors.js';
import { type Documents, IdTable } from '../src/data/id-table.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import { readQrels } from '../src/io/trec/qrels.js';
import { type Run, readRun } from '../src/io/trec/run.js';
import { readRunResults } from '../src/io/trec/run-results.js';

/** Retrievals of the same queries. */
export interface FuseInputs {
  readonly sources: readonly AsyncIterable<RetrievalResults>[];
  /** They know what is relevant. */
  readonly judged: boolean;
  /** One of them can be read but once. */
  readonly onlyOnce: boolean;
  /** Number of queries, where it is known. */
  readonly queries?: number;
  /** The ids of gallery rows; of runs alone. */
  readonly documents?: Documents;
  readonly warnings: readonly string[];
}

/**
 * Opens saved results, or with qrels runs, whose documents get the same rows in all of them.
 * @throws UserError when two of them come from stdin, and as the readers of these files
 */
export async function openFuseInputs(paths: readonly string[], qrels: string | undefined): Promise<FuseInputs> {
  if ([...paths, qrels].filter((path) => path === '-').length > 1) throw new UserError('only one input can come from stdin');
  const onlyOnce = paths.includes('-');
  if (qrels !== undefined) return openRuns(paths, qrels);
  const [file] = paths.filter((path) => path !== '-');
  return { sources: paths.map((path) => readRetrieval(path)), judged: await isJudged(file), onlyOnce, warnings: [] };
}

/** Queries that any run has, and the qrels too; a run without one of them has found nothing for it. */
async function openRuns(paths: readonly string[], file: string): Promise<FuseInputs> {
  const qrels = await readQrels(file);
  const documents = new IdTable();
  const runs: Run[] = [];
  for (const path of paths) runs.push(await readRun(path, { documents }));
  const complete = (query: Uint8Array) => runs.some((run) => run.queries.find(query) >= 0);
  const judged = runs.map((run) => readRunResults(run, qrels, { complete }));
  const [first] = judged;
  const missing = qrels.queries.size - first.queries;
  const warnings = judged.flatMap((run) => run.warnings);
  if (missing > 0) warnings.push(`queries of ${file} left out, because in none of the runs: ${missing}`);
  return { sources: judged, judged: true, onlyOnce: false, queries: first.queries, documents: first.documents, warnings };
}

async function isJudged(file: string): Promise<boolean> {
  for await (const rr of readRetrieval(file)) return rr.gains !== undefined;
  return false;
}
