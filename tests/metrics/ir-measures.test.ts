import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { ndcg } from '../../src/metrics/ir/ndcg.js';
import { rbp } from '../../src/metrics/ir/rbp.js';
import { perQuery } from '../../src/metrics/mean-metric.js';
import { METRIC_FAMILIES, parseMetric, parseMetrics } from '../../src/metrics/registry.js';
import { trecReport } from '../../src/report/trec-eval.js';
import { judgedRun, type Qrels, type Run } from '../support/trec.js';
import { type GradedQuery, gradedQuery, gradedResults, textbook } from './ir-support.js';
import { anyQuery, random, resultsOf, scattered, shuffled, whole } from './support.js';

const queries = fc.array(gradedQuery, { minLength: 1, maxLength: 12 });
const anyK = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constant(1000));
const COUNTS = ['NumQ', 'NumRet', 'NumRel', 'NumRelRet'];
const values = (name: string, of: readonly GradedQuery[]) => perQuery(parseMetric(name), gradedResults(of));

/** A measure of the table above at a cut-off and a level, written as one writes it. */
function written(name: string, k: number, rel: number): string {
  const usage = METRIC_FAMILIES.find((family) => family.name === name.replace(/[(@].*/, ''))?.usage ?? '';
  const level = rel === 1 || /^(nDCG|ERR|Judged|NumQ|NumRet)/.test(name) ? '' : `(rel=${rel})`;
  return name.replace(/(?=@)|$/, level) + (usage.includes('@k') ? `@${k}` : '');
}

describe('the IR measures', () => {
  it('are all in the textbook', () => {
    const own = METRIC_FAMILIES.filter(({ level }) => level !== undefined).map(({ name }) => name);
    expect([...new Set(Object.keys(textbook).map((name) => name.replace(/[(@].*/, '')))].sort()).toEqual(
      own.filter((name) => name !== 'gm_map').sort(),
    );
  });

  it.each(Object.entries(textbook))('%s agrees with the textbook, at any cut-off and level', (name, naive) => {
    fc.assert(
      fc.property(queries, anyK, fc.constantFrom(1, 1, 2, 5), (all, k, rel) => {
        values(written(name, k, rel), all).forEach((value, q) => {
          expect(Math.abs(value - naive(all[q], k, rel)), `${written(name, k, rel)}, query ${q}`).toBeLessThanOrEqual(1e-12);
        });
      }),
    );
  });

  it.each(['AP', 'nDCG', "nDCG(dcg='exp-log2')", 'RR', 'RBP', 'ERR', 'Judged'])(
    '%s without a cut-off is that with an endless one',
    (name) => {
      fc.assert(
        fc.property(queries, (all) => {
          expect(values(name, all)).toEqual(values(`${name}@1000`, all));
        }),
      );
    },
  );

  it('stay in [0, 1], but for counts', () => {
    const names = Object.keys(textbook).filter((name) => !COUNTS.includes(name));
    fc.assert(
      fc.property(queries, anyK, fc.constantFrom(1, 2), (all, k, rel) => {
        for (const name of names) for (const value of values(written(name, k, rel), all)) expect(value >= 0 && value <= 1, name).toBe(true);
      }),
    );
  });

  it.each(['R', 'Success', 'RR', 'AP', 'RBP', 'ERR'])('%s@k never falls with k', (name) => {
    fc.assert(
      fc.property(queries, fc.integer({ min: 1, max: 15 }), (all, k) => {
        const more = values(`${name}@${k + 1}`, all);
        values(`${name}@${k}`, all).forEach((value, q) => {
          expect(more[q]).toBeGreaterThanOrEqual(value);
        });
      }),
    );
  });

  it('are 1 for a perfect ranking', () => {
    const graded = fc.array(fc.constantFrom(1, 2, 3, 4), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(graded, fc.nat({ max: 4 }), (gains, others) => {
        const best = [...gains].sort((a, b) => b - a);
        const perfect = [{ gains: [...best, ...Array<number>(others).fill(0)], missed: [0, -1] }];
        for (const name of [
          'AP',
          'nDCG',
          'nDCG@3',
          "nDCG(dcg='exp-log2')",
          'P@1',
          `R@${best.length}`,
          'RR',
          'Success@1',
          'Rprec',
          'Bpref',
          'SetR',
        ]) {
          expect(values(name, perfect)[0], name).toBe(1);
        }
        for (const name of ['IPrec@0', 'IPrec@0.5', 'IPrec@1', '11pt_avg']) expect(values(name, perfect)[0], name).toBeCloseTo(1, 14);
        // It is smoothed.
        expect(values('infAP', perfect)[0]).toBeCloseTo(1, 4);
        const only = [{ gains: best, missed: [] }];
        for (const name of ['SetP', 'SetF', 'SetAP', `P@${best.length}`, 'Judged']) expect(values(name, only)[0], name).toBe(1);
      }),
    );
  });

  it.each(['AP', 'nDCG', "nDCG(dcg='exp-log2')@9", 'AP(rel=2)'])('%s is never raised by further items that are not relevant', (name) => {
    fc.assert(
      fc.property(queries, fc.array(fc.constantFrom(null, 0, -1), { maxLength: 5 }), (all, tail) => {
        const longer = values(
          name,
          all.map(({ gains, missed }) => ({ gains: [...gains, ...tail], missed })),
        );
        values(name, all).forEach((value, q) => {
          expect(longer[q]).toBeLessThanOrEqual(value);
        });
      }),
    );
  });

  const rewarding = [
    'AP',
    'nDCG',
    'nDCG@4',
    "nDCG(dcg='exp-log2')",
    'P@4',
    'R@4',
    'RR',
    'Success@3',
    'Rprec',
    'Bpref',
    'RBP',
    'ERR',
    'IPrec@0.5',
    '11pt_avg',
  ];
  it.each(rewarding)('%s is never lowered when a relevant item changes places with a lesser one above it', (name) => {
    fc.assert(
      fc.property(gradedQuery, fc.nat(), fc.nat(), ({ gains, missed }, a, b) => {
        fc.pre(gains.length > 1);
        const [up, down] = [a % gains.length, b % gains.length].sort((x, y) => x - y);
        fc.pre((gains[down] ?? 0) >= 1 && (gains[up] ?? 0) < (gains[down] ?? 0));
        const swapped = [...gains];
        [swapped[up], swapped[down]] = [gains[down], gains[up]];
        const [before, after] = values(name, [
          { gains, missed },
          { gains: swapped, missed },
        ]);
        expect(after).toBeGreaterThanOrEqual(before - 1e-12);
      }),
    );
  });

  const every = parseMetrics(
    METRIC_FAMILIES.flatMap(({ name, usage }) => (usage.endsWith('k') || usage.includes('recall') ? [`${name}@1`] : [name])),
  );

  it('do not change when the items get other names', () => {
    fc.assert(
      fc.property(queries, fc.nat(), (all, seed) => {
        const names = shuffled([...Array(40).keys()], random(seed));
        const renamed = gradedResults(all, (i) => names[i]);
        for (const metric of every) expect(perQuery(metric, renamed)).toEqual(perQuery(metric, gradedResults(all)));
      }),
    );
  });

  it('are the same to the bit for any batches and merges', () => {
    const accumulator = evaluation({ metrics: every });
    fc.assert(
      fc.property(queries, fc.nat(), (all, seed) => {
        const rr = gradedResults(all);
        const [one, other] = [whole(accumulator, rr), scattered(accumulator, rr, seed)];
        expect(JSON.stringify(accumulator.value(other))).toBe(JSON.stringify(accumulator.value(one)));
        expect(JSON.stringify(accumulator.saveState(other))).toBe(JSON.stringify(accumulator.saveState(one)));
      }),
    );
  });

  it('take labels for complete binary judgements', () => {
    fc.assert(
      fc.property(fc.array(anyQuery, { minLength: 1, maxLength: 10 }), (all) => {
        const lists = resultsOf(all);
        const { relevant: _, relevantGains: __, ...counted } = lists;
        const listed = all.map(({ hits, missed }) => ({ gains: hits.map(Number), missed: Array<number>(missed).fill(1) }));
        // All the gallery is judged: the explicit judgements must not know fewer non-relevant items than a query has relevant ones.
        const explicit = gradedResults(listed.map((query) => ({ ...query, missed: [...query.missed, ...Array<number>(30).fill(0)] })));
        for (const metric of every) {
          expect(perQuery(metric, lists), metric.name).toEqual(perQuery(metric, explicit));
          expect(perQuery(metric, RetrievalResults.trusted(counted)), metric.name).toEqual(perQuery(metric, explicit));
          const sized = RetrievalResults.trusted({ ...counted, info: { gallerySize: 1000 } });
          expect(perQuery(metric, sized), metric.name).toEqual(perQuery(metric, explicit));
        }
        expect([...perQuery(parseMetric('AP(rel=2)'), lists)]).toEqual(all.map(() => 0));
      }),
    );
  });

  it('sort the ideal ranking of many graded items', () => {
    const next = random(3);
    const gains = Array.from({ length: 500 }, () => Math.floor(next() * 5));
    const query = { gains: gains.slice(0, 60), missed: gains.slice(60) };
    for (const name of ['nDCG', 'nDCG@50']) {
      const k = name === 'nDCG' ? 1000 : 50;
      expect(values(name, [query, query])[1]).toBeCloseTo(textbook.nDCG(query, k, 1), 12);
    }
  });

  it('give 0 where nothing is relevant or nothing was retrieved', () => {
    const none: GradedQuery[] = [
      { gains: [], missed: [] },
      { gains: [], missed: [1, 2] },
      { gains: [0, null, -1], missed: [0] },
    ];
    for (const name of Object.keys(textbook).filter((one) => !COUNTS.includes(one) && one !== 'Judged')) {
      expect([...values(written(name, 3, 1), none)], name).toEqual([0, 0, 0]);
    }
  });
});

describe('what the IR measures refuse', () => {
  const fail = (message: string) => new UserError(message);

  it('a grade above the highest of ERR, naming the query', () => {
    const five = [
      { gains: [1], missed: [] },
      { gains: [0, 5], missed: [] },
    ];
    expect(() => values('ERR@10', five)).toThrow(fail('metric ERR@10, query 1: gain 5 is above the highest grade, 4; write ERR(max=5)'));
    expect(values('ERR(max=5)', five)[1]).toBeCloseTo(31 / 32 / 2, 14);
    expect([...values('ERR@1', five)]).toEqual([1 / 16, 0]);
  });

  it('a gain whose power of two is beyond all numbers', () => {
    const large = [{ gains: [1025], missed: [] }];
    expect(() => values('nDCG(dcg=exp-log2)', large)).toThrow(
      /^metric nDCG\(dcg='exp-log2'\): 2\^gain is beyond all numbers for the gain 1025/,
    );
    expect(values('nDCG', large)[0]).toBe(1);
  });

  it('graded or incomplete judgements that are not listed', () => {
    const { relevant: _, relevantGains: __, ...counted } = gradedResults([{ gains: [1, 2, null], missed: [] }]);
    const rr = RetrievalResults.trusted(counted);
    expect(perQuery(parseMetric('AP'), rr)[0]).toBe(1);
    for (const name of ['nDCG', 'AP(rel=2)'])
      expect(() => perQuery(parseMetric(name), rr)).toThrow(/^relevance is graded .* gain 2.*columns "relevant"/);
    expect(() => perQuery(parseMetric('Bpref'), rr)).toThrow(/^some retrieved items are unjudged, .*columns "relevant"/);
  });

  it('lists of judgements that do not know what was retrieved', () => {
    const rr = RetrievalResults.trusted({ ...gradedResults([{ gains: [0], missed: [] }]), gains: Float32Array.of(2) });
    expect(() => perQuery(parseMetric('nDCG'), rr)).toThrow(
      fail('metric nDCG, query 0: a retrieved item has a gain above 0, but none is said to have one'),
    );
  });

  it('counts that do not fit the retrieved items', () => {
    const rr = RetrievalResults.trusted({ ...gradedResults([{ gains: [1, 1], missed: [] }]), numRelevant: Uint32Array.of(1) });
    const message = 'query 0: 2 retrieved items have gain 1 or more, but only 1 of the gallery are said to';
    expect(() => perQuery(parseMetric('AP'), rr)).toThrow(fail(message));
  });

  it('options in code, as in names', () => {
    expect(() => rbp({ p: 2 })).toThrow(fail('metric RBP(rel=1,p=2): p must be above 0 and below 1, not 2'));
    expect(() => ndcg({ k: 1.5 })).toThrow(fail("metric nDCG(dcg='log2')@1.5: k must be a positive integer, not 1.5"));
  });
});

describe('what ir_measures computes', () => {
  type Values = Record<string, Record<string, number>>;
  const fixture = (name: string) => readFileSync(new URL(`../fixtures/metrics/${name}`, import.meta.url), 'utf8');
  const cases: Record<string, { run: Run; qrels: Qrels; values: Values }> = JSON.parse(fixture('ir-measures.json'));

  /** trec_eval 9, which pytrec_eval has in it, makes a number of documents of a recall in another way. */
  const sameCutoff = (recall: number, relevant: number) => Math.round(recall * relevant) === Math.floor(recall * relevant + 0.9);

  it.each(Object.entries(cases))('%s', (_, { run, qrels, values: wanted }) => {
    const rr = judgedRun(run, qrels);
    const ids = [...(rr.queryIds ?? [])].map(String);
    let compared = 0;
    for (const [name, byQuery] of Object.entries(wanted)) {
      const ours = perQuery(parseMetric(name), rr);
      ids.forEach((id, q) => {
        const relevant = rr.numRelevant?.[q] ?? 0;
        const recalls =
          name === '11pt_avg' ? [...Array(11).keys()].map((i) => i / 10) : name.startsWith('IPrec@') ? [Number(name.slice(6))] : [];
        if (!recalls.every((recall) => sameCutoff(recall, relevant))) return;
        const value = name === 'gm_map' ? Math.log(Math.max(ours[q], 1e-5)) : ours[q];
        expect(Math.abs(value - byQuery[id]), `${name} of query ${id}: ${value}, ir_measures has ${byQuery[id]}`).toBeLessThanOrEqual(1e-9);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(50 * ids.length);
  });

  it('and the report of trec_eval', () => {
    const { run, qrels } = cases['half judged, graded'];
    const report = trecReport({ eachQuery: true, runId: 'fixture' });
    const lines = report.value(whole(report, judgedRun(run, qrels))).split('\n');
    expect(lines.filter((line) => !/^(iprec_at_recall|11pt)/.test(line))).toEqual(fixture('trec-report.txt').trimEnd().split('\n'));
  });
});
