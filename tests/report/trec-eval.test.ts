import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TREC_NAMES } from '../../src/metrics/trec-names.js';
import { fourDecimals, type TrecReportOptions, trecReport } from '../../src/report/trec-eval.js';
import { scattered, whole } from '../metrics/support.js';
import { judgedRun, parseQrels, parseRun, type Qrels, type Run } from '../support/trec.js';

const run: Run = { q10: { a: 3, b: 2, c: 1 }, q9: { x: 1 }, unjudged: { a: 1 } };
const qrels: Qrels = { q10: { a: 0, b: 1, c: 2, d: 1 }, q9: { x: 0 }, missing: { a: 1 } };

function report(rr = judgedRun(run, qrels), options: TrecReportOptions = {}): string {
  const metric = trecReport(options);
  return metric.value(whole(metric, rr));
}

describe('the report of trec_eval', () => {
  it('has its layout, its names and the averages of its queries', () => {
    const lines = report(undefined, { runId: 'mine' }).split('\n');
    expect(lines).toHaveLength(1 + TREC_NAMES.length);
    expect(lines.slice(0, 8)).toEqual([
      'runid                 \tall\tmine',
      'num_q                 \tall\t2',
      'num_ret               \tall\t4',
      'num_rel               \tall\t3',
      'num_rel_ret           \tall\t2',
      // (1/2 + 2/3) / 3 and 0
      'map                   \tall\t0.1944',
      'gm_map                \tall\t0.0020',
      'Rprec                 \tall\t0.3333',
    ]);
    expect(lines.map((line) => line.split('\t')[0].trim()).slice(1)).toEqual(TREC_NAMES.map(({ printed }) => printed));
  });

  it('prints the queries before, in the order of their bytes, without what is a number of all', () => {
    const lines = report(undefined, { eachQuery: true }).split('\n');
    const queries = lines.map((line) => line.split('\t')[1]);
    expect([...new Set(queries)]).toEqual(['q10', 'q9', 'all']);
    const names = lines.filter((_, i) => queries[i] === 'q9').map((line) => line.split('\t')[0].trim());
    expect(names).toEqual(TREC_NAMES.map(({ printed }) => printed).filter((name) => name !== 'num_q' && name !== 'gm_map'));
    expect(lines).toContain('num_rel               \tq10\t3');
    expect(lines).toContain('ndcg_cut_5            \tq9\t0.0000');
  });

  it('prints the metrics that are asked for, under its names where it has one', () => {
    expect(report(undefined, { metrics: 'P@7,ERR@20,num_q,map,AP(rel=2)', level: 1 }).split('\n')).toEqual([
      'P_7                   \tall\t0.1429',
      'ERR@20                \tall\t0.0449',
      'num_q                 \tall\t2',
      'map                   \tall\t0.1944',
      'AP(rel=2)             \tall\t0.1667',
    ]);
    expect(report(undefined, { metrics: ['map'], level: 2 })).toBe('map                   \tall\t0.1667');
    expect(() => trecReport({ metrics: 'cmc@1', level: 2 })).toThrow(/knows no level of relevance/);
  });

  it('takes a level of relevance', () => {
    const lines = report(undefined, { level: 2 }).split('\n');
    expect(lines).toContain('num_rel               \tall\t1');
    expect(lines).toContain('map                   \tall\t0.1667');
    // It knows no level: (1/log2(3) + 2/log2(4)) / (2 + 1/log2(3) + 1/log2(4)) and 0.
    expect(lines).toContain('ndcg                  \tall\t0.2605');
  });

  it('is the same text however the queries were batched and merged', () => {
    const random = fc.sample(fc.array(fc.array(fc.nat({ max: 3 }), { maxLength: 8 }), { minLength: 2, maxLength: 20 }), {
      numRuns: 30,
      seed: 5,
    });
    random.forEach((queries, seed) => {
      const entries = (list: number[]) => list.map((gain, i) => [`d${i}`, gain] as const);
      const scores = Object.fromEntries(queries.map((list, q) => [`q${q}`, Object.fromEntries(list.map((_, i) => [`d${i}`, -i]))]));
      const judged = Object.fromEntries(queries.map((list, q) => [`q${q}`, Object.fromEntries([...entries(list), ['other', 1] as const])]));
      const rr = judgedRun(scores, judged);
      const metric = trecReport({ eachQuery: true });
      expect(metric.value(scattered(metric, rr, seed))).toBe(metric.value(whole(metric, rr)));
    });
  });
});

describe('four decimals', () => {
  it.each([
    [0, '0.0000'],
    [1, '1.0000'],
    [1 / 3, '0.3333'],
    // Exactly between two: the even one.
    [1 / 32, '0.0312'],
    [3 / 32, '0.0938'],
    [5 / 32, '0.1562'],
    [31 / 32, '0.9688'],
    [33 / 32, '1.0312'],
    // Close to the middle, but not in it.
    [0.03125 + 2 ** -57, '0.0313'],
    [0.00005, '0.0001'],
    [0.99995, '1.0000'],
    [0.00015, '0.0001'],
    [12.5, '12.5000'],
  ])('%d is %s, as in C', (value, text) => {
    expect(fourDecimals(value)).toBe(text);
  });

  it('are as near as four decimals can be', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (value) => {
        expect(Math.abs(Number(fourDecimals(value)) - value)).toBeLessThanOrEqual(5e-5 + 1e-16);
      }),
    );
  });
});

const golden = new URL('../../../shared/golden/trec/', import.meta.url);
describe.runIf(existsSync(golden))("trec_eval's own output", () => {
  const read = (name: string) => readFileSync(new URL(name, golden), 'utf8');
  const names = new Set(['runid', ...TREC_NAMES.map(({ printed }) => printed)]);
  const wanted = (name: string) =>
    read(name)
      .trimEnd()
      .split('\n')
      .filter((line) => names.has(line.split('\t')[0].trim()));

  it.each([
    ['out.test.a', false, names.size],
    ['out.test.aq', true, names.size + 3 * (names.size - 3)],
  ])('%s, digit for digit', (name, eachQuery, lines) => {
    const rr = judgedRun(parseRun(read('results.test')), parseQrels(read('qrels.test')));
    const ours = report(rr, { runId: 'STANDARD', eachQuery }).split('\n');
    expect(ours).toHaveLength(lines);
    expect(ours).toEqual(wanted(name));
  });
});
