import { Bool, type DataType, Dictionary, Float64, Int32, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { judgedByLists } from '../../src/data/judged-by-lists.js';
import { packLists } from '../../src/data/lists.js';
import { type RetrievalInfo, RetrievalResults } from '../../src/data/retrieval-results.js';

const GALLERY = 40;
const gain = fc.constantFrom(0, 1, 2, 0.5);
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

interface Query {
  readonly ids: number[];
  readonly distances: number[];
  readonly relevant: number[];
  readonly gains: number[];
}

const query: fc.Arbitrary<Query> = fc
  .record({
    ids: fc.uniqueArray(fc.nat(GALLERY - 1), { maxLength: 6 }),
    distances: fc.array(finite, { minLength: 6, maxLength: 6 }),
    relevant: fc.uniqueArray(fc.nat(GALLERY - 1), { maxLength: 5 }),
    gains: fc.array(gain, { minLength: 5, maxLength: 5 }),
  })
  .map(({ ids, distances, relevant, gains }) => ({
    ids,
    distances: distances.slice(0, ids.length).sort((a, b) => a - b || (Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1)),
    relevant,
    gains: gains.slice(0, relevant.length),
  }));

/** Columns of every type that people have, with nulls; some are called like our own columns. */
function columns(n: number): fc.Arbitrary<Record<string, Vector>> {
  const of = <T>(values: fc.Arbitrary<T>, type: DataType) =>
    fc.array(fc.option(values), { minLength: n, maxLength: n }).map((list): Vector => vectorFromArray(list as unknown[], type));
  return fc.record(
    {
      category: of(fc.string({ unit: 'grapheme' }), new Utf8()),
      relevant: of(fc.string(), new Utf8()),
      query_: of(fc.integer(), new Int32()),
      query: of(fc.double({ noNaN: true }), new Float64()),
      is_new: of(fc.boolean(), new Bool()),
    },
    { requiredKeys: [] },
  );
}

const info: fc.Arbitrary<RetrievalInfo> = fc.record(
  {
    gallerySize: fc.constant(GALLERY),
    distance: fc.constantFrom('l2', 'cosine', 'ip', 'score'),
    fingerprint: fc.string(),
    k: fc.nat(100),
    device: fc.string(),
  },
  { requiredKeys: [] },
);

/** Any retrieval results: no queries, empty lists, with and without relevance, gains, ids and riding columns. */
export const retrievals: fc.Arbitrary<RetrievalResults> = fc
  .array(query, { maxLength: 12 })
  .chain((queries) =>
    fc.record({
      queries: fc.constant(queries),
      info,
      firstRow: fc.nat(1000),
      relevance: fc.constantFrom('none', 'counts', 'lists', 'graded'),
      ids: fc.option(fc.array(fc.option(fc.string()), { minLength: queries.length, maxLength: queries.length })),
      columns: columns(queries.length),
    }),
  )
  .map(({ queries, info, firstRow, relevance, ids, columns }) => {
    const retrieved = packLists(
      queries.map((q) => q.ids),
      Int32Array,
    );
    const relevant = packLists(
      queries.map((q) => q.relevant),
      Int32Array,
    );
    const gains = packLists(
      queries.map((q) => q.gains),
      Float32Array,
    );
    const base = { offsets: retrieved.offsets, ids: retrieved.values };
    const judged = judgedByLists(base, relevant, relevance === 'graded' ? gains.values : undefined);
    return RetrievalResults.checked({
      ...base,
      info,
      rows: Uint32Array.from(queries, (_, i) => firstRow + i),
      distances: packLists(
        queries.map((q) => q.distances),
        Float32Array,
      ).values,
      ...(relevance === 'none' ? {} : relevance === 'counts' ? { gains: judged.gains, numRelevant: judged.numRelevant } : judged),
      queryIds: ids ? vectorFromArray(ids, new Utf8()) : undefined,
      columns,
    });
  });

/** Dictionary columns come from pandas' and polars' categoricals. */
export function categorical(values: readonly (string | null)[]): Vector {
  return vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));
}
