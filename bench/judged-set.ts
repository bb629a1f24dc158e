import { judgedByLists } from '../src/data/judged-by-lists.js';
import { RetrievalResults } from '../src/data/retrieval-results.js';
import { Random } from './random.js';

/** A synthetic run with its judgements. */
export interface JudgedSet {
  readonly queries: number;
  /** Documents retrieved for each query. */
  readonly retrieved: number;
  /** Judged documents of each query, of gain 1, 2 or 3. */
  readonly relevant: number;
  readonly documents: number;
  readonly seed: number;
}

/** A query: distinct documents, best first, and the judged ones with their gains. */
export interface JudgedQuery {
  readonly retrieved: Int32Array;
  readonly relevant: Int32Array;
  readonly gains: Float32Array;
}

/** Makes the queries one by one, the same for every contestant. About two thirds of the relevant documents are retrieved, most of them near the top. */
export function* judgedQueries({
  queries,
  retrieved: k,
  relevant: r,
  documents,
  seed,
}: JudgedSet): Generator<JudgedQuery, void, undefined> {
  const random = new Random(seed);
  for (let q = 0; q < queries; q++) {
    const drawn = new Set<number>();
    while (drawn.size < k + r) drawn.add(random.below(documents));
    const rows = Int32Array.from(drawn);
    const relevant = rows.slice(k);
    const retrieved = rows.slice(0, k);
    for (const row of relevant) if (random.uniform() < 0.67) retrieved[Math.floor(k * random.uniform() ** 3)] = row;
    yield { retrieved, relevant, gains: Float32Array.from({ length: r }, () => 1 + random.below(3)) };
  }
}

/** The set as retrieval results, in batches. */
export function judgedBatches(set: JudgedSet, batchRows: number): RetrievalResults[] {
  const { retrieved: k, relevant: r } = set;
  const all = judgedQueries(set);
  return Array.from({ length: Math.ceil(set.queries / batchRows) }, (_, b) => {
    const rows = Math.min(batchRows, set.queries - b * batchRows);
    const ids = new Int32Array(rows * k);
    const relevant = { offsets: Int32Array.from({ length: rows + 1 }, (_, q) => q * r), values: new Int32Array(rows * r) };
    const relevantGains = new Float32Array(rows * r);
    for (let q = 0; q < rows; q++) {
      const query = all.next().value as JudgedQuery;
      ids.set(query.retrieved, q * k);
      relevant.values.set(query.relevant, q * r);
      relevantGains.set(query.gains, q * r);
    }
    const offsets = Int32Array.from({ length: rows + 1 }, (_, q) => q * k);
    return RetrievalResults.trusted({
      info: {},
      rows: Uint32Array.from({ length: rows }, (_, q) => b * batchRows + q),
      offsets,
      ids,
      distances: Float32Array.from(ids, (_, i) => i % k),
      columns: {},
      ...judgedByLists({ offsets, ids }, relevant, relevantGains),
    });
  });
}
