import { textColumn } from '../../src/data/columns.js';
import { judgedByLists } from '../../src/data/judged-by-lists.js';
import { packLists } from '../../src/data/lists.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';

/** Scores by document, by query. */
export type Run = Readonly<Record<string, Readonly<Record<string, number>>>>;
/** Gains by document, by query. */
export type Qrels = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Results of a run as trec_eval sees them, in small: the queries that have judgements, in the order of the run; ties by document, descending. */
export function judgedRun(run: Run, qrels: Qrels): RetrievalResults {
  const queries = Object.keys(run).filter((query) => query in qrels);
  const documents = [...new Set([...Object.values(run), ...Object.values(qrels)].flatMap(Object.keys))];
  const row = new Map(documents.map((document, i) => [document, i]));
  const ranked = queries.map((query) =>
    Object.entries(run[query])
      .map(([document, score]) => ({ document, score: Math.fround(score) }))
      .sort((a, b) => b.score - a.score || Buffer.compare(Buffer.from(b.document), Buffer.from(a.document))),
  );
  const { offsets, values: ids } = packLists(
    ranked.map((list) => list.map(({ document }) => row.get(document) as number)),
    Int32Array,
  );
  const judged = queries.map((query) => Object.entries(qrels[query]));
  const relevant = packLists(
    judged.map((list) => list.map(([document]) => row.get(document) as number)),
    Int32Array,
  );
  const relevantGains = Float32Array.from(judged.flatMap((list) => list.map(([, gain]) => gain)));
  return RetrievalResults.checked({
    info: { distance: 'score' },
    rows: Uint32Array.from(queries.keys()),
    offsets,
    ids,
    distances: Float32Array.from(ranked.flatMap((list) => list.map(({ score }) => -score))),
    queryIds: textColumn(queries),
    columns: {},
    ...judgedByLists({ offsets, ids }, relevant, relevantGains),
  });
}

/** A run in TREC's format: query, Q0, document, rank, score, name of the run. */
export function parseRun(text: string): Run {
  return byQuery(text, ([query, , document, , score]) => [query, document, score]);
}

/** Judgements in TREC's format: query, iteration, document, gain. */
export function parseQrels(text: string): Qrels {
  return byQuery(text, ([query, , document, gain]) => [query, document, gain]);
}

function byQuery(text: string, fields: (columns: string[]) => [string, string, string]): Record<string, Record<string, number>> {
  const out: Record<string, Record<string, number>> = {};
  for (const line of text.trim().split('\n')) {
    const [query, document, value] = fields(line.split(/\s+/));
    out[query] ??= {};
    out[query][document] = Number(value);
  }
  return out;
}
