import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Float64, Table, Uint32, type Vector, vectorFromArray } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Options, runCompare, runMetrics, runSearch } from '../../pipelines/index.js';
import { systemLabel, systemNames } from '../../pipelines/system-names.js';
import { textColumn } from '../../src/data/columns.js';
import { UserError } from '../../src/data/errors.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { createRetrievalWriter, readRetrieval } from '../../src/io/retrieval-file.js';
import { map } from '../../src/metrics/map.js';
import { perQuery } from '../../src/metrics/mean-metric.js';
import type { QueryMetric } from '../../src/metrics/metric.js';
import type { MetricFamily } from '../../src/metrics/metric-family.js';
import { METRIC_FAMILIES } from '../../src/metrics/registry.js';
import { random, shuffled } from '../metrics/support.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const QUERIES = 60;
const quick: Options = { permutations: 300, resamples: 200 };
const compare = (names: string[], options: Options = {}) => runCompare({ ...quick, inputs: names.map(at), ...options });

async function read(name: string): Promise<RetrievalResults> {
  const parts: RetrievalResults[] = [];
  for await (const part of readRetrieval(at(name))) parts.push(part);
  return RetrievalResults.concat(parts);
}

async function write(name: string, ...parts: RetrievalResults[]): Promise<void> {
  const writer = createRetrievalWriter(at(name));
  for (const part of parts) await writer.write(part);
  await writer.close();
}

/** A table as `--per-query` writes it, or nearly so. */
const writeScores = (name: string, columns: Record<string, Vector>) => writeTable(at(name), new Table(columns).batches[0]);
const scores = (values: readonly number[]) => vectorFromArray(values, new Float64());
const rows = (values: readonly number[]) => vectorFromArray(values, new Uint32());

let a: RetrievalResults;
let b: RetrievalResults;

beforeAll(async () => {
  for (const [name, noise] of [
    ['a', 1.1],
    ['b', 0.8],
  ] as const) {
    const { vectors, label } = clusters(QUERIES, 4, 5, 3, noise);
    await writeTable(at(`${name}-items.arrow`), embeddingTable(vectors, { label, id: label.map((_, row) => `img_${row}`) }));
    await runSearch({ items: at(`${name}-items.arrow`), out: at(`${name}.arrow`), k: 20 });
  }
  [a, b] = await Promise.all([read('a.arrow'), read('b.arrow')]);
  const options = { metrics: 'cmc@1,map@10,precision@5' };
  await runMetrics({ ...options, inputs: [at('a.arrow')], perQuery: at('a-pq.parquet') });
  await runMetrics({ ...options, inputs: [at('b.arrow')], perQuery: at('b-pq.arrow') });
});

describe('rankstream compare', () => {
  it('finds the means that `metrics` finds, and the queries that gained and lost', async () => {
    const [{ metrics }, before, after] = await Promise.all([
      compare(['a.arrow', 'b.arrow'], { metrics: 'map@10,cmc@1', top: 3 }),
      runMetrics({ inputs: [at('a.arrow')], metrics: 'map@10,cmc@1' }),
      runMetrics({ inputs: [at('b.arrow')], metrics: 'map@10,cmc@1' }),
    ]);
    expect(metrics.map(({ metric }) => metric)).toEqual(['map@10', 'cmc@1']);
    for (const { metric, baseline, against } of metrics) {
      expect([baseline.mean, against[0].mean]).toEqual([before.metrics[metric], after.metrics[metric]]);
      expect(against[0].difference).toBeCloseTo(against[0].mean - baseline.mean, 14);
    }
    const [
      {
        against: [{ gained, lost, wins, ties, losses, difference }],
      },
    ] = metrics;
    const [was, is] = [perQuery(map(10), a), perQuery(map(10), b)];
    const gains = [...was.keys()].sort((i, j) => is[j] - was[j] - (is[i] - was[i]));
    expect(gained.map((change) => change.difference)).toEqual(gains.slice(0, 3).map((q) => is[q] - was[q]));
    expect(lost.map((change) => change.difference)).toEqual(
      gains
        .reverse()
        .slice(0, lost.length)
        .map((q) => is[q] - was[q]),
    );
    for (const { query, id, baseline, value } of [...gained, ...lost]) {
      expect(id).toBe(`img_${query}`);
      expect([baseline, value]).toEqual([was[query as number], is[query as number]]);
    }
    expect(wins + ties + losses).toBe(QUERIES);
    expect(difference).toBeGreaterThan(0.05);
  });

  it('measures the metrics of `evaluate` when none are named, and all that tables share', async () => {
    const names = async (...inputs: string[]) => (await compare(inputs)).metrics.map(({ metric }) => metric);
    expect(await names('a.arrow', 'b.arrow')).toEqual(['cmc@1', 'cmc@5', 'precision@5', 'map@5']);
    expect(await names('a-pq.parquet', 'b-pq.arrow')).toEqual(['cmc@1', 'map@10', 'precision@5']);
    expect(await names('a.arrow', 'b-pq.arrow')).toEqual(['cmc@1', 'map@10', 'precision@5']);
    await writeScores('mine.arrow', { query: rows([0, 1]), quality: scores([0.1, 0.2]), other: scores([1, 2]) });
    await writeScores('yours.arrow', { query: rows([0, 1]), quality: scores([0.2, 0.1]) });
    expect(await names('mine.arrow', 'yours.arrow')).toEqual(['quality']);
  });

  it('gives the same for results and tables, for any batches and any order of queries', async () => {
    const found = (await compare(['a.arrow', 'b.arrow'], { metrics: 'cmc@1,map@10' })).metrics;
    const order = shuffled([...a.rows], random(7));
    await write('shuffled.arrow', b.pick(order.slice(0, 11)), b.pick(order.slice(11)));
    await write('pieces.arrow', a.slice(0, 1), a.slice(1, 33), a.slice(33, QUERIES));
    for (const inputs of [
      ['a-pq.parquet', 'b-pq.arrow'],
      ['pieces.arrow', 'shuffled.arrow'],
    ]) {
      expect((await compare(inputs, { metrics: ['cmc@1', 'map@10'] })).metrics).toEqual(found);
    }
  });

  it('negates differences and keeps p when the inputs change places', async () => {
    const order = shuffled([...b.rows], random(8));
    await write('mixed.arrow', b.pick(order));
    const [there, back] = await Promise.all([compare(['a.arrow', 'mixed.arrow']), compare(['mixed.arrow', 'a.arrow'])]);
    there.metrics.forEach(({ against: [one] }, m) => {
      const [other] = back.metrics[m].against;
      expect(other.difference).toBe(0 - one.difference);
      expect(other.randomisation).toEqual(one.randomisation);
      expect(other.tTest.p).toBe(one.tTest.p);
      expect(other.gained.map(({ id }) => id)).toEqual(one.lost.map(({ id }) => id));
    });
  });

  it('matches by row where an input has no ids', async () => {
    const plain = RetrievalResults.trusted({ ...b, queryIds: undefined });
    await write('plain.arrow', plain.pick(shuffled([...b.rows], random(9))));
    const [byRow, byId] = await Promise.all([compare(['a.arrow', 'plain.arrow']), compare(['a.arrow', 'b.arrow'])]);
    expect([byRow.matchedBy, byId.matchedBy]).toEqual(['row', 'id']);
    byRow.metrics.forEach(({ against: [{ difference, wins, ties, losses }] }, m) => {
      expect(byId.metrics[m].against[0]).toMatchObject({ difference, wins, ties, losses });
    });
    await writeScores('ids.arrow', {
      query_id: textColumn(a.rows.length ? [...a.rows].map((row) => `img_${row}`) : []),
      'map@10': scores([...perQuery(map(10), b)]),
    });
    expect((await compare(['a.arrow', 'ids.arrow'])).metrics[0].against[0].difference).toBe(
      (await compare(['a.arrow', 'b.arrow'], { metrics: 'map@10' })).metrics[0].against[0].difference,
    );
  });

  it('compares the values that a metric of anyone has for each query, but no geometric means of them', async () => {
    const families = METRIC_FAMILIES as MetricFamily[];
    const family = (name: string, reduce: QueryMetric['reduce']): MetricFamily => ({
      name,
      usage: name,
      about: '',
      make: () => ({ ...map(10), name, reduce }),
    });
    families.push(family('mine', 'mean'), family('added', 'sum'), family('gm', 'geometric'));
    try {
      const { metrics } = await compare(['a.arrow', 'b.arrow'], { metrics: 'mine,added,map@10' });
      expect(metrics[0]).toEqual({ ...metrics[2], metric: 'mine' });
      expect(metrics[1]).toEqual({ ...metrics[2], metric: 'added' });
      await expect(compare(['a.arrow', 'b.arrow'], { metrics: 'gm' })).rejects.toThrow('metric gm: a geometric mean is not the mean');
      const columns = { query: rows([0, 1]), gm: scores([0.5, 1]), mine: scores([1, 0]) };
      await writeScores('gm.arrow', columns);
      expect((await compare(['gm.arrow', 'gm.arrow'])).metrics.map(({ metric }) => metric)).toEqual(['mine']);
      await expect(compare(['gm.arrow', 'gm.arrow'], { metrics: 'gm' })).rejects.toThrow('metric gm: a geometric mean is not the mean');
    } finally {
      families.splice(-3);
    }
  });

  it('compares every other system with the first, and corrects for all of it', async () => {
    const comparison = await compare(['a.arrow', 'b.arrow', 'a.arrow'], { metrics: 'cmc@1,map@5' });
    expect(comparison.systems.map(({ label, name }) => `${label} ${name}`)).toEqual(['A a.arrow', 'B b.arrow', 'C a.arrow']);
    expect(comparison.comparisons).toBe(4);
    for (const {
      against: [better, same],
    } of comparison.metrics) {
      expect(same).toMatchObject({
        difference: 0,
        wins: 0,
        ties: QUERIES,
        losses: 0,
        gained: [],
        lost: [],
        randomisation: { p: 1 },
        tTest: { p: 1 },
      });
      expect(better.randomisation.bonferroni).toBe(Math.min(1, 4 * better.randomisation.p));
    }
  });

  it('warns of other galleries and other relevant items, and allows them', async () => {
    const numRelevant = Uint32Array.from(b.numRelevant ?? [], (count, q) => count + (q % 20 === 3 ? 2 : 0));
    await write(
      'other.arrow',
      RetrievalResults.trusted({ ...b, numRelevant, info: { ...b.info, gallerySize: 70, k: 10, fingerprint: 'f' } }),
    );
    const { warnings } = await compare(['a.arrow', 'other.arrow'], { metrics: 'map@15' });
    const relevant = (a.numRelevant ?? [])[23];
    expect(warnings).toEqual([
      `B: 70 gallery items, ${QUERIES} in A`,
      'B: 10 items retrieved (k), 20 in A',
      `B: queries with another number of relevant items than in A: 3 (query img_23 has ${relevant + 2} and ${relevant}); metrics may not mean the same`,
      'B: map@15: only 10 items are retrieved (--k), so items beyond count as not retrieved',
    ]);
    expect((await compare(['a.arrow', 'b.arrow'])).warnings).toEqual([]);
  });

  it('prints a table, JSON, Markdown or LaTeX, and writes JSON', async () => {
    const args = ['compare', 'a.arrow', 'b.arrow', '--metrics', 'cmc@1', '--permutations', '300', '--resamples', '200'];
    const run = (...more: string[]) => rankstream([...args, ...more], { cwd: folder });
    const [table, json, markdown, latex] = await Promise.all([run(), run('--json', '--out', 'c.json'), run('--markdown'), run('--latex')]);
    expect([table, json, markdown, latex].map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
    const wanted = JSON.parse(JSON.stringify(await compare(['a.arrow', 'b.arrow'], { metrics: 'cmc@1' })));
    expect(JSON.parse(json.stdout)).toEqual(wanted);
    expect(JSON.parse(readFileSync(at('c.json'), 'utf8'))).toEqual(wanted);
    expect(table.stdout).toContain('A  a.arrow (baseline)\nB  b.arrow\n60 queries, matched by id\n');
    expect(markdown.stdout).toContain('| metric | system | mean |');
    expect(latex.stdout).toContain('\\begin{tabular}');
  });

  it('reads one input from stdin, and options from YAML', async () => {
    await write('b.arrows', b);
    writeFileSync(at('compare.yaml'), 'inputs: [a.arrow, "-"]\nmetrics: [cmc@1]\npermutations: 300\nresamples: 200\njson: true\n');
    const { stdout, stderr } = await rankstream(['compare', '--config', 'compare.yaml'], {
      cwd: folder,
      input: readFileSync(at('b.arrows')),
    });
    expect(stderr).toBe('');
    const { systems, metrics } = JSON.parse(stdout);
    expect(systems[1].name).toBe('stdin');
    expect(metrics).toEqual(JSON.parse(JSON.stringify((await compare(['a.arrow', 'b.arrow'], { metrics: 'cmc@1' })).metrics)));
  });
});

describe('runs with --qrels', () => {
  const trec = (lines: readonly string[]) => `${lines.join('\n')}\n`;

  it('have the means of `metrics --run`, and queries that a run lacks count as empty with --complete', async () => {
    writeFileSync(at('one.txt'), trec(['q1 Q0 d1 1 2 x', 'q1 Q0 d2 2 1 x', 'q2 Q0 d3 1 1 x']));
    writeFileSync(at('two.txt'), trec(['q1 Q0 d2 1 2 x', 'q1 Q0 d1 2 1 x']));
    writeFileSync(at('judged.txt'), trec(['q1 0 d2 1', 'q2 0 d3 1']));
    const options = { qrels: at('judged.txt'), complete: true, metrics: 'AP,RR' };
    const { metrics, queries, matchedBy } = await runCompare({ ...options, inputs: [at('one.txt'), at('two.txt')] });
    expect({ queries, matchedBy }).toEqual({ queries: 2, matchedBy: 'id' });
    for (const [i, run] of ['one.txt', 'two.txt'].entries()) {
      const alone = await runMetrics({ ...options, run: at(run) });
      for (const { metric, baseline, against } of metrics) expect([baseline, ...against][i].mean).toBe(alone.metrics[metric]);
    }
    await expect(runCompare({ ...options, complete: false, inputs: [at('one.txt'), at('two.txt')] })).rejects.toThrow('q2');
    await expect(runCompare({ inputs: [at('a.arrow'), at('b.arrow')], complete: true })).rejects.toThrow('--complete goes with --qrels');
  });
});

describe("a user's mistake", () => {
  const renamed = (results: RetrievalResults, ids: (string | null)[]) =>
    RetrievalResults.trusted({ ...results, queryIds: textColumn(ids) });
  const ids = Array.from({ length: QUERIES }, (_, row) => `img_${row}`);

  beforeAll(async () => {
    await write('less.arrow', b.slice(0, QUERIES - 3));
    await write(
      'strange.arrow',
      renamed(
        b,
        ids.map((id, i) => (i === 5 ? 'new' : id)),
      ),
    );
    await write(
      'twice.arrow',
      renamed(
        b,
        ids.map((id, i) => (i === 9 ? 'img_4' : id)),
      ),
    );
    await write('unjudged.arrow', RetrievalResults.trusted({ ...b, gains: undefined, numRelevant: undefined }));
    await write('none.arrow');
    await writeScores('nan.arrow', { query: rows([0, 1]), 'cmc@1': scores([0.5, Number.NaN]) });
    await writeScores('foreign.arrow', { query: rows([0, 1]), quality: scores([0.5, 1]) });
    await writeScores('nothing.arrow', { query: rows([0, 1]), name: textColumn(['a', 'b']) });
    await writeScores('noquery.arrow', { 'cmc@1': scores([1, 2]) });
    await writeScores('onlyrows.arrow', { query: rows([0, 1]), 'cmc@1': scores([1, 0]) });
    await writeScores('onlyids.arrow', { query_id: textColumn(['x', 'y']), 'cmc@1': scores([1, 1]) });
  });

  it.each<[string, string[], Options, string]>([
    ['one input', ['a.arrow'], {}, 'give at least two inputs to compare, the baseline first'],
    ['a missing file', ['a.arrow', 'nothere.arrow'], {}, 'nothere.arrow: '],
    ['an unknown metric', ['a.arrow', 'b.arrow'], { metrics: 'cmcc@1' }, 'unknown metric "cmcc@1"'],
    [
      'a metric that a table lacks',
      ['a.arrow', 'b-pq.arrow'],
      { metrics: 'map@11' },
      'b-pq.arrow: no metric "map@11" in the table (there are: cmc@1, map@10, precision@5); did you mean "map@10"?',
    ],
    ['tables without a metric in common', ['a-pq.parquet', 'foreign.arrow'], {}, 'foreign.arrow has quality'],
    ['queries that are missing', ['a.arrow', 'less.arrow'], {}, 'less.arrow: 3 of the 60 queries of '],
    [
      'queries that are missing',
      ['a.arrow', 'less.arrow'],
      {},
      'are missing, for example query "img_57"; only results of the same queries compare',
    ],
    ['queries that are missing in the first', ['less.arrow', 'a.arrow'], {}, 'a.arrow are missing, for example query "img_57"'],
    ['other queries', ['a.arrow', 'strange.arrow'], {}, 'a.arrow are missing, for example query "img_5"'],
    ['a query twice', ['a.arrow', 'twice.arrow'], {}, 'twice.arrow: two queries with the id "img_4" (the 5. and the 10.)'],
    ['results without relevance', ['a.arrow', 'unjudged.arrow'], {}, 'unjudged.arrow: the results carry no relevance'],
    ['no queries', ['none.arrow', 'none.arrow'], {}, 'there are no queries to compare'],
    ['a value that is none', ['nan.arrow', 'nan.arrow'], {}, 'nan.arrow, row 1, column "cmc@1": NaN is no value of a metric'],
    [
      'a table of something else',
      ['a.arrow', 'nothing.arrow'],
      {},
      'nothing.arrow: neither retrieval results (a column "retrieved") nor a table of --per-query',
    ],
    ['a table without queries', ['a.arrow', 'noquery.arrow'], {}, 'noquery.arrow: neither retrieval results'],
    [
      'ids against rows',
      ['onlyids.arrow', 'onlyrows.arrow'],
      {},
      'onlyids.arrow: no column "query", which is needed because another input has no ids of queries',
    ],
    ['two formats', ['a.arrow', 'b.arrow'], { json: true, latex: true }, '--json, --markdown and --latex: choose one of them'],
    ['an output that cannot be written', ['nothere.arrow', 'b.arrow'], { out: at('no/such/c.json') }, 'no/such'],
  ])('is told in one line: %s', async (_, inputs, options, message) => {
    const error = await compare(inputs, options).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
  });

  it('ends with status 2', async () => {
    for (const [args, message] of [
      [['a.arrow', 'less.arrow'], 'rankstream: less.arrow: 3 of the 60 queries of a.arrow are missing, for example query "img_57"'],
      [['a.arrow', 'b.arrow', '--seed', '-1'], 'rankstream: --seed: must be a whole number, not "-1"'],
    ] as const) {
      const { status, stdout, stderr } = await rankstream(['compare', ...args], { cwd: folder });
      expect(stderr).toContain(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect([status, stdout]).toEqual([2, '']);
    }
  });
});

describe('names of systems', () => {
  it('are letters, then pairs of letters', () => {
    expect([0, 1, 25, 26, 27, 701, 702].map(systemLabel)).toEqual(['A', 'B', 'Z', 'AA', 'AB', 'ZZ', 'AAA']);
  });

  it('are paths from the folder that all files are in', () => {
    expect(systemNames(['/x/y/a.arrow', '/x/y/b.arrow'])).toEqual(['a.arrow', 'b.arrow']);
    expect(systemNames(['/x/base/rr.arrow', '-', '/x/other/rr.arrow'])).toEqual(['base/rr.arrow', 'stdin', 'other/rr.arrow']);
    expect(systemNames(['/x/yy/..a', '/x/y/a'])).toEqual(['yy/..a', 'y/a']);
    expect(systemNames(['/a', '/b/c'])).toEqual(['a', 'b/c']);
  });
});
