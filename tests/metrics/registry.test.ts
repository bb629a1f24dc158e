import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { atRank } from '../../src/metrics/metric-family.js';
import { splitNames } from '../../src/metrics/metric-spec.js';
import { METRIC_FAMILIES, parseMetric, parseMetrics, registerMetric } from '../../src/metrics/registry.js';
import { TREC_NAMES } from '../../src/metrics/trec-names.js';

const names = (list: string | string[], level?: number) => parseMetrics(list, { level }).map((metric) => metric.name);
const there = METRIC_FAMILIES.map(({ usage }) => usage).join(', ');

describe('parseMetric', () => {
  it('makes every family in the table, under its own name, from its usage', () => {
    expect(there).toBe(
      'cmc@k, precision@k, map@k, AP[@k], nDCG[@k], P@k, R@k, RR[@k], Success@k, Rprec, Bpref, infAP, gm_map, IPrec@recall, 11pt_avg, RBP[@k], ERR[@k], SetP, SetR, SetF, SetAP, Judged[@k], NumQ, NumRet, NumRel, NumRelRet',
    );
    for (const { name, usage, about } of METRIC_FAMILIES) {
      const written = usage.replace(/\[?@(k|recall)\]?/, '@1');
      expect(written).toMatch(new RegExp(`^${name}(@1)?$`));
      expect(parseMetric(written).name).toBe(written);
      if (usage.endsWith(']')) expect(parseMetric(name).name).toBe(name);
      expect(about).not.toBe('');
    }
  });

  it.each([
    [' cmc@10 ', 'cmc@10'],
    ['AP(rel=1)@10', 'AP@10'],
    ['AP(rel=2)', 'AP(rel=2)'],
    ['RBP( p = 0.5 , rel=2 )@10', 'RBP(rel=2,p=0.5)@10'],
    ['RBP(p=.80)', 'RBP'],
    ['nDCG(dcg="exp-log2")@5', "nDCG(dcg='exp-log2')@5"],
    ["nDCG(dcg='log2')", 'nDCG'],
    ['nDCG(dcg=exp-log2)', "nDCG(dcg='exp-log2')"],
    ['ERR(max=3)@20', 'ERR(max=3)@20'],
    ['SetF(beta=2)', 'SetF(beta=2)'],
    ['IPrec(rel=2)@0.10', 'IPrec(rel=2)@0.1'],
    ['NumRet(rel=2)', 'NumRelRet(rel=2)'],
    ['NumRet(rel=1)', 'NumRelRet'],
    ['NumRelRet(rel=1)', 'NumRelRet'],
  ])('reads "%s" as %s', (name, canonical) => {
    expect(parseMetric(name).name).toBe(canonical);
  });

  it.each([
    ['map', 'AP'],
    ['P_10', 'P@10'],
    ['P_7', 'P@7'],
    ['recall_100', 'R@100'],
    ['ndcg', 'nDCG'],
    ['ndcg_cut_10', 'nDCG@10'],
    ['map_cut_10', 'AP@10'],
    ['recip_rank', 'RR'],
    ['success_5', 'Success@5'],
    ['bpref', 'Bpref'],
    ['Rprec', 'Rprec'],
    ['infAP', 'infAP'],
    ['gm_map', 'gm_map'],
    ['11pt_avg', '11pt_avg'],
    ['iprec_at_recall_0.10', 'IPrec@0.1'],
    ['set_P', 'SetP'],
    ['set_recall', 'SetR'],
    ['set_map', 'SetAP'],
    ['set_F', 'SetF'],
    ['num_q', 'NumQ'],
    ['num_ret', 'NumRet'],
    ['num_rel', 'NumRel'],
    ['num_rel_ret', 'NumRelRet'],
  ])('takes %s of trec_eval for %s', (trec, ours) => {
    expect(parseMetric(trec).name).toBe(ours);
  });

  it('has a metric for every name that trec_eval prints', () => {
    for (const { printed, ours } of TREC_NAMES) expect(parseMetric(printed).name).toBe(ours);
  });

  it.each([
    ['cmcc@1', 'unknown metric "cmcc@1"; did you mean "cmc@1"?'],
    ['Precision@5', 'unknown metric "Precision@5"; did you mean "precision@5"?'],
    ['NDCG@10', 'unknown metric "NDCG@10"; did you mean "nDCG@10"?'],
    ['nDGC(dcg=log2)@10', 'unknown metric "nDGC(dcg=log2)@10"; did you mean "nDCG(dcg=log2)@10"?'],
    ['ndcg_cut10', 'unknown metric "ndcg_cut10"; did you mean "ndcg_cut_10"?'],
    ['something@1', `unknown metric "something@1" (there are: ${there})`],
    ['', `unknown metric "" (there are: ${there})`],
    ['cmc', 'metric "cmc" needs a k; write for example cmc@10'],
    ['cmc@', 'metric cmc@: k must be a positive integer, not ""'],
    ['cmc@0', 'metric cmc@0: k must be a positive integer, not 0'],
    ['cmc@-1', 'metric cmc@-1: k must be a positive integer, not -1'],
    ['map@x', 'metric map@x: k must be a positive integer, not x'],
    ['precision@1.5', 'metric precision@1.5: k must be a positive integer, not 1.5'],
    ['cmc@1e3', 'metric cmc@1e3: k must be a positive integer, not 1e3'],
    ['cmc@1@2', 'metric cmc@1@2: k must be a positive integer, not 1@2'],
    ['cmc(rel=2)@1', 'metric cmc(rel=2): unknown parameter "rel" (it takes none)'],
    ['P', 'metric "P" needs a k; write for example P@10'],
    ['AP@0', 'metric AP@0: k must be a positive integer, not 0'],
    ['Rprec@5', 'metric Rprec@5: Rprec takes no @; write Rprec'],
    ['IPrec', 'metric "IPrec" needs a recall; write for example IPrec@0.1'],
    ['IPrec@x', 'metric IPrec@x: the recall must be a number, not x'],
    ['IPrec@1.5', 'metric IPrec@1.5: the recall must be from 0 to 1, not 1.5'],
    ['AP(rel=0)@10', 'metric AP(rel=0)@10: rel must be a positive integer, not 0'],
    ['AP(rel=x)@10', 'metric AP(rel=x): rel must be a number, not x'],
    ['AP(rle=2)', 'metric AP(rle=2): unknown parameter "rle" (it takes: rel)'],
    ['AP(rel=2,rel=3)', 'metric AP(rel=2,rel=3): rel is given twice'],
    ['AP(2)', 'metric AP(2): parameters are written name=value, not 2'],
    ['RBP(p=1)', 'metric RBP(rel=1,p=1): p must be above 0 and below 1, not 1'],
    ['nDCG(dcg=log3)', "metric nDCG(dcg='log3'): dcg must be 'log2' or 'exp-log2', not log3"],
    ['SetF(beta=0)', 'metric SetF(rel=1,beta=0): beta must be a positive number, not 0'],
    ['ERR(max=4.5)', 'metric ERR(max=4.5): max must be an integer from 1 to 50, not 4.5'],
    ['pcf@0.5', 'metric pcf@0.5 has no value for a single query, which is needed here; use one that has, for example map@10'],
    ['NumQ(rel=2)', 'metric NumQ(rel=2): unknown parameter "rel" (it takes none)'],
  ])('refuses "%s"', (name, message) => {
    expect(() => parseMetric(name)).toThrow(new UserError(message));
  });
});

describe('parseMetrics', () => {
  it('splits at commas, takes lists, and keeps the order', () => {
    expect(names('map@10, cmc@1,precision@5')).toEqual(['map@10', 'cmc@1', 'precision@5']);
    expect(names(['map@10', 'cmc@1,cmc@5'])).toEqual(['map@10', 'cmc@1', 'cmc@5']);
  });

  it('takes a name once, and leaves out empty places', () => {
    expect(names('cmc@1,,map@2,cmc@1,')).toEqual(['cmc@1', 'map@2']);
    expect(names('map,AP,AP(rel=1)')).toEqual(['AP']);
  });

  it.each(['', ' , ', []])('refuses the empty list %j', (list) => {
    expect(() => parseMetrics(list)).toThrow(new UserError('no metric is named; write for example cmc@1,map@10'));
  });

  it('does not split inside parentheses', () => {
    expect(splitNames('RBP(p=0.8, rel=2)@10,cmc@1,f(g(a,b),c) , d')).toEqual(['RBP(p=0.8, rel=2)@10', 'cmc@1', 'f(g(a,b),c)', 'd']);
    expect(names('RBP(p=0.5, rel=2)@10,cmc@1')).toEqual(['RBP(rel=2,p=0.5)@10', 'cmc@1']);
  });

  it('gives a level of relevance to the metrics that take one and name none', () => {
    expect(names('AP,P_10,R(rel=3)@5,nDCG,ERR,NumRet,NumQ,Judged', 2)).toEqual([
      'AP(rel=2)',
      'P(rel=2)@10',
      'R(rel=3)@5',
      'nDCG',
      'ERR',
      'NumRet',
      'NumQ',
      'Judged',
    ]);
    expect(names('cmc@1,AP', 1)).toEqual(['cmc@1', 'AP']);
    expect(() => names('cmc@1', 2)).toThrow(/^metric cmc@1 knows no level of relevance; AP, P, R, .* do$/);
  });
});

describe('registerMetric', () => {
  const family = atRank('none', (k) => ({ name: `none@${k}`, reduce: 'mean', score: (_, out) => out.fill(0) }), 'always 0');

  it('makes a metric known, once', () => {
    expect(() => parseMetric('none@3')).toThrow(/unknown metric/);
    registerMetric(family);
    expect(parseMetric('none@3').name).toBe('none@3');
    expect(() => parseMetric('non@3')).toThrow(new UserError('unknown metric "non@3"; did you mean "none@3"?'));
    expect(() => registerMetric(family)).toThrow(new UserError('metric "none": there is already one of that name'));
  });

  it.each(['cmc', 'AP', 'map', 'P_10'])('leaves %s to its owner', (name) => {
    expect(() => registerMetric({ ...family, name })).toThrow(/there is already one of that name/);
  });

  it.each(['', 'a b', 'a@', 'a(b)', 'a,b'])('refuses the name "%s"', (name) => {
    expect(() => registerMetric({ ...family, name })).toThrow(new UserError(`metric "${name}": a name has no ( ) @ , or blank in it`));
  });
});
