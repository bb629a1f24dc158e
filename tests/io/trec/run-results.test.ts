import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../../src/data/retrieval-results.js';
import {
  createRetrievalWriter,
  evaluation,
  parseMetrics,
  type RunResults,
  type RunResultsOptions,
  readQrels,
  readRetrieval,
  readRun,
  readRunResults,
  writeQrels,
  writeRun,
} from '../../../src/index.js';
import { collect, refusal, temporaryFolder } from '../support.js';
import { judgements, type Plain, plainOf, runs, trecLines } from './support.js';

const folder = temporaryFolder();

async function judged(run: Plain, qrels: Plain, options?: RunResultsOptions): Promise<RunResults> {
  writeFileSync(folder.path('run.txt'), trecLines(run, 'run').join('\n'));
  writeFileSync(folder.path('qrels.txt'), trecLines(qrels, 'qrels').join('\n'));
  return readRunResults(await readRun(folder.path('run.txt')), await readQrels(folder.path('qrels.txt')), options);
}

const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** trec_eval's order, written down plainly. */
function expectedOf(run: Plain, qrels: Plain, { complete = false, depth = Number.POSITIVE_INFINITY }: RunResultsOptions = {}) {
  return Object.keys(qrels)
    .filter((query) => complete || query in run)
    .sort(bytewise)
    .map((query) => {
      const retrieved = Object.entries(run[query] ?? {})
        .sort((a, b) => Math.fround(b[1]) - Math.fround(a[1]) || bytewise(b[0], a[0]))
        .slice(0, depth);
      return {
        query,
        retrieved: retrieved.map(([id]) => id),
        scores: retrieved.map(([, score]) => Math.fround(score)),
        gains: retrieved.map(([id]) => qrels[query][id] ?? Number.NaN),
        judged: Object.entries(qrels[query]).sort((a, b) => bytewise(a[0], b[0])),
        numRelevant: Object.values(qrels[query]).filter((gain) => gain >= 1).length,
      };
    });
}

/** What results say, with ids instead of rows. */
function said(rr: RetrievalResults, { documents }: Pick<RunResults, 'documents'>) {
  return Array.from({ length: rr.length }, (_, q) => {
    const list = <T>(values: ArrayLike<T>, offsets: Int32Array) => Array.from(values).slice(offsets[q], offsets[q + 1]);
    const relevant = rr.relevant!;
    return {
      query: rr.queryIds?.get(q),
      retrieved: Array.from(rr.retrievedIds(q), (row) => documents.id(row)),
      scores: Array.from(rr.distancesOf(q), (distance) => 0 - distance),
      gains: list(rr.gains!, rr.offsets),
      judged: list(relevant.values, relevant.offsets).map((row, i) => [documents.id(row), rr.relevantGains![relevant.offsets[q] + i]]),
      numRelevant: rr.numRelevant![q],
    };
  });
}

const options = fc.record({
  complete: fc.boolean(),
  depth: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  batchRows: fc.integer({ min: 1, max: 4 }),
});
/** A run and qrels that share a query and some documents. */
const pairs = fc.tuple(runs, judgements).map(([run, qrels]): [Plain, Plain] => {
  const [query, documents] = Object.entries(run)[0];
  const some = Object.keys(documents).filter((_, i) => i % 2 === 0);
  return [run, { ...qrels, [query]: { ...qrels[query], ...Object.fromEntries(some.map((id, i) => [id, i - 1])) } }];
});

describe('readRunResults', () => {
  it('gives what trec_eval would look at, in its order, whatever the batches', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, options, async ([run, qrels], how) => {
        const results = await judged(run, qrels, how);
        const batches = await collect(results);
        const rr = RetrievalResults.concat(batches);
        expect(said(rr, results)).toEqual(expectedOf(run, qrels, how));
        expect([...rr.rows]).toEqual(Array.from({ length: results.queries }, (_, i) => i));
        expect(batches.map((batch) => batch.length).every((n) => n <= how.batchRows)).toBe(true);
        expect(rr.info).toEqual({ distance: 'score', ...(how.depth && { k: how.depth }) });
        // Its own checks: distances that do not fall, no row twice.
        RetrievalResults.checked(rr);
        const common = Object.keys(run).filter((query) => query in qrels).length;
        expect(results.unjudged).toBe(Object.keys(run).length - common);
        expect(results.missing).toBe(Object.keys(qrels).length - common);
        // It can be iterated again.
        expect(RetrievalResults.concat(await collect(results)).equals(rr)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of the lines', async () => {
    const shuffled = pairs.chain(([run, qrels]) => {
      const [lines, judgedLines] = [trecLines(run, 'run'), trecLines(qrels, 'qrels')];
      return fc.tuple(
        fc.constant([run, qrels] as const),
        fc.shuffledSubarray(lines, { minLength: lines.length }),
        fc.shuffledSubarray(judgedLines, { minLength: judgedLines.length }),
      );
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async ([[run, qrels], lines, judgedLines]) => {
        const before = await judged(run, qrels);
        const inOrder = said(RetrievalResults.concat(await collect(before)), before);
        writeFileSync(folder.path('run.txt'), lines.join('\n'));
        writeFileSync(folder.path('qrels.txt'), judgedLines.join('\n'));
        const after = readRunResults(await readRun(folder.path('run.txt')), await readQrels(folder.path('qrels.txt')));
        expect(said(RetrievalResults.concat(await collect(after)), after)).toEqual(inOrder);
      }),
      { numRuns: 30 },
    );
  });

  it('orders ties as pytrec_eval does (float32, then ids by their bytes)', async () => {
    const { run, order } = JSON.parse(readFileSync('tests/fixtures/trec/order.json', 'utf8')) as {
      run: Plain;
      order: Record<string, string[]>;
    };
    const path = folder.path('ties.json');
    writeFileSync(path, JSON.stringify(run));
    const qrels = folder.path('ties.qrels');
    writeFileSync(
      qrels,
      Object.keys(run)
        .map((query) => `${query} 0 none 1\n`)
        .join(''),
    );
    const results = readRunResults(await readRun(path), await readQrels(qrels));
    const got = (await collect(results)).flatMap((rr) => said(rr, results));
    expect(Object.fromEntries(got.map(({ query, retrieved }) => [query, retrieved]))).toEqual(order);
  });

  it('orders lists of thousands that are all ties or all reversed', async () => {
    const ids = Array.from({ length: 3000 }, (_, i) => `d${i}`);
    const run = { ties: Object.fromEntries(ids.map((id) => [id, 1])), up: Object.fromEntries(ids.map((id, i) => [id, i - 1500])) };
    const qrels = { ties: { d1: 1 }, up: { d1: 1 } };
    const results = await judged(run, qrels);
    const [ties, up] = (await collect(results)).flatMap((rr) => said(rr, results));
    expect(ties.retrieved).toEqual([...ids].sort(bytewise).reverse());
    expect(up.retrieved).toEqual([...ids].reverse());
  });

  it('tells how many queries are left out', async () => {
    const run = { a: { d: 1 }, b: { d: 1 }, c: { d: 1 } };
    const some = await judged(run, { a: { d: 1 }, x: { d: 1 } });
    expect(some.warnings).toEqual([
      `2 queries of ${folder.path('run.txt')} left out, because not in ${folder.path('qrels.txt')}`,
      `1 query of ${folder.path('qrels.txt')} left out, because not in ${folder.path('run.txt')} (--complete counts them as empty)`,
    ]);
    expect((await judged(run, { a: { d: 1 }, x: { d: 1 } }, { complete: true })).warnings).toHaveLength(1);
    expect((await judged(run, run)).warnings).toEqual([]);
    expect(await refusal(() => judged(run, { q1: { d: 1 } }))).toContain('none of its queries ("a", ...) is in ');
  });
});

describe('saved results of a run', () => {
  const metrics = parseMetrics('cmc@1,precision@3,map@5');
  const measured = async (results: AsyncIterable<RetrievalResults>) => {
    const accumulator = evaluation({ metrics });
    const state = accumulator.init();
    for await (const rr of results) accumulator.update(state, rr);
    return accumulator.value(state);
  };

  it.each(['.arrow', '.parquet'])('%s: every judgement comes back, and the metrics are the same', async (ending) => {
    await fc.assert(
      fc.asyncProperty(pairs, options, async ([run, qrels], how) => {
        const results = await judged(run, qrels, how);
        const path = folder.path(`rr${ending}`);
        const writer = createRetrievalWriter(path);
        for await (const rr of results) await writer.write(rr);
        await writer.close();
        const saved = RetrievalResults.concat(await collect(readRetrieval(path)));
        expect(saved.equals(RetrievalResults.concat(await collect(results)))).toBe(true);
        expect(await measured(readRetrieval(path))).toEqual(await measured(results));
      }),
      { numRuns: 20 },
    );
  });
});

describe('writeRun and writeQrels', () => {
  it.each(['written.txt', 'written.txt.gz'])('%s keeps ids, order and float32 scores', async (name) => {
    const path = folder.path(name);
    const everything = runs.map((run): [Plain, Plain] => [run, run]);
    await fc.assert(
      fc.asyncProperty(everything, async ([run]) => {
        const qrels = Object.fromEntries(Object.keys(run).map((query) => [query, { none: 1 }]));
        const results = await judged(run, qrels);
        const written = await writeRun(path, results, { runId: results.runId, documents: results.documents });
        expect(written).toEqual({ queries: results.queries, lines: Object.values(run).flatMap(Object.keys).length, warnings: [] });
        const again = readRunResults(await readRun(path), await readQrels(folder.path('qrels.txt')));
        expect(again.runId).toBe('system');
        const [before, after] = [await collect(results), await collect(again)];
        expect(said(RetrievalResults.concat(after), again)).toEqual(said(RetrievalResults.concat(before), results));
      }),
      { numRuns: 30 },
    );
  });

  it('writes qrels that are read as they were', async () => {
    await fc.assert(
      fc.asyncProperty(judgements, async (plain) => {
        writeFileSync(folder.path('before'), JSON.stringify(plain));
        await writeQrels(folder.path('after.gz'), await readQrels(folder.path('before')));
        expect(plainOf(await readQrels(folder.path('after.gz')))).toEqual(plain);
      }),
      { numRuns: 20 },
    );
  });

  const documents = { id: (row: number) => `d${row}` };
  async function* once(rr: RetrievalResults) {
    yield rr;
  }

  it('writes TREC lines, and warns of ties and of empty lists', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[2, 1], [1, 2], []], distances: [[0.1, 0.1], [-1, -1], []] });
    const path = folder.path('ties.txt');
    const { warnings } = await writeRun(path, once(rr), { runId: 'mine', documents });
    expect(readFileSync(path, 'utf8')).toBe('0 Q0 d2 1 -0.1 mine\n0 Q0 d1 2 -0.1 mine\n1 Q0 d1 1 1 mine\n1 Q0 d2 2 1 mine\n');
    expect(warnings).toEqual([
      `${path}: 1 query has equal scores in an order that trec_eval does not keep: it sorts them by document id, descending`,
      `${path}: 1 query has nothing retrieved, and no line in the run`,
    ]);
  });

  it('refuses ids that would be read as something else, and leaves no file', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[0]], distances: [[1]] });
    const path = folder.path('refused.txt');
    const attempt = (id: string, runId = 'r') => refusal(() => writeRun(path, once(rr), { runId, documents: { id: () => id } }));
    expect(await attempt('two words')).toContain('document id "two words" has a blank in it, which the TREC format cannot hold');
    expect(await attempt('')).toContain('document id "" is empty');
    expect(await attempt('d', 'my run')).toContain('run name "my run" has a blank in it');
    writeFileSync(folder.path('comment.json'), '{"#1": {"d": 1}}');
    const qrels = await readQrels(folder.path('comment.json'));
    expect(await refusal(() => writeQrels(path, qrels))).toContain('query id "#1" would make its line a comment');
    expect(folder.names().filter((name) => name.includes('refused'))).toEqual([]);
  });
});
