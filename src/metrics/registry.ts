import { didYouMean, UserError } from '../data/errors.js';
import { cmc } from './cmc.js';
import { averagePrecision, geometricMap } from './ir/average-precision.js';
import { bpref } from './ir/bpref.js';
import { numQ, numRel, numRelRet, numRet } from './ir/counts.js';
import { err } from './ir/err.js';
import { inferredAP } from './ir/inferred-ap.js';
import { elevenPointAverage, interpolatedPrecision } from './ir/interpolated-precision.js';
import { judged } from './ir/judged.js';
import { ndcg } from './ir/ndcg.js';
import { precisionAtK } from './ir/precision-at-k.js';
import { rPrecision } from './ir/r-precision.js';
import { rbp } from './ir/rbp.js';
import { recallAtK } from './ir/recall-at-k.js';
import { reciprocalRank } from './ir/reciprocal-rank.js';
import { setAP, setF, setPrecision, setRecall } from './ir/set-measures.js';
import { success } from './ir/success.js';
import { map } from './map.js';
import type { QueryMetric } from './metric.js';
import { atRank, type MetricFamily, maybeK, withK, withoutK, withRecall } from './metric-family.js';
import { parseSpec, splitNames } from './metric-spec.js';
import { precision } from './precision.js';
import { SET_FAMILIES } from './set-families.js';
import { fromTrecName, TREC_NAMES } from './trec-names.js';

/** All metrics: a new one is a file beside this one, and a line here. Lower case with `@` is OML's; the others are named as in ir_measures. */
export const METRIC_FAMILIES: readonly MetricFamily[] = [
  atRank('cmc', cmc, 'share of queries with a relevant item among the first k'),
  atRank('precision', precision, 'relevant items among the first k, of as many as there could be'),
  atRank('map', map, 'precision at each relevant item among the first k, averaged'),

  maybeK('AP', ['rel'], averagePrecision, 'average precision: precision at each relevant item, over all relevant items; its mean is MAP'),
  maybeK('nDCG', ['dcg'], ndcg, 'discounted gains of the first k, of those of the best possible ranking'),
  withK('P', ['rel'], precisionAtK, 'relevant items among the first k, of k'),
  withK('R', ['rel'], recallAtK, 'relevant items among the first k, of all relevant ones'),
  maybeK('RR', ['rel'], reciprocalRank, 'reciprocal rank of the first relevant item; its mean is MRR'),
  withK('Success', ['rel'], success, 'whether there is a relevant item among the first k'),
  withoutK('Rprec', ['rel'], rPrecision, 'precision at R, the number of relevant items'),
  withoutK('Bpref', ['rel'], bpref, 'how often relevant items come before judged non-relevant ones'),
  withoutK('infAP', ['rel'], inferredAP, 'AP, inferred where only a part of the pool was judged'),
  withoutK('gm_map', ['rel'], geometricMap, 'geometric mean of AP'),
  withRecall('IPrec', ['rel'], interpolatedPrecision, 'interpolated precision at a recall'),
  withoutK('11pt_avg', ['rel'], elevenPointAverage, 'interpolated precision, averaged over the recalls 0, 0.1, ..., 1'),
  maybeK('RBP', ['rel', 'p'], rbp, 'rank-biased precision of a user with persistence p'),
  maybeK('ERR', ['max'], err, 'expected reciprocal rank at which a user stops, satisfied'),
  withoutK('SetP', ['rel'], setPrecision, 'relevant retrieved items, of all retrieved ones'),
  withoutK('SetR', ['rel'], setRecall, 'relevant retrieved items, of all relevant ones'),
  withoutK('SetF', ['rel', 'beta'], setF, 'weighted harmonic mean of SetP and SetR'),
  withoutK('SetAP', ['rel'], setAP, 'SetP times SetR'),
  maybeK('Judged', [], judged, 'judged items among the first k'),
  withoutK('NumQ', [], numQ, 'number of queries'),
  { ...withoutK('NumRet', ['rel'], numRet, 'number of retrieved items'), level: 'independent' },
  withoutK('NumRel', ['rel'], numRel, 'number of relevant items'),
  withoutK('NumRelRet', ['rel'], numRelRet, 'number of relevant items that were retrieved'),
];

const registered: MetricFamily[] = [];

/**
 * Makes a metric known by its name to `parseMetric`, and so to `evaluate`, to the CLI and to whatever else takes names.
 * @example registerMetric(atRank('gain', gainAt, 'sum of the gains of the first k'));
 * @throws UserError when the name is taken, or has a character of the notation in it: ( ) @ , or a blank
 */
export function registerMetric(family: MetricFamily): void {
  const { name } = family;
  if (!/^[^\s()@,]+$/.test(name)) throw new UserError(`metric "${name}": a name has no ( ) @ , or blank in it`);
  if (familyOf(name) || fromTrecName(name) !== undefined) throw new UserError(`metric "${name}": there is already one of that name`);
  registered.push(family);
}

export interface ParseOptions {
  /** The level of relevance of metrics that name none themselves: `AP` becomes `AP(rel=2)`. Metrics that need no level stay as they are. */
  readonly level?: number;
  /** Families that the caller knows beside these, to be named where a name is unknown. */
  readonly others?: readonly Pick<MetricFamily, 'name' | 'usage'>[];
}

/**
 * The metric of a name: OML's (`cmc@1`), ir_measures' (`nDCG@10`, `AP(rel=2)@100`), trec_eval's (`ndcg_cut_10`, which is `nDCG@10`), or a registered one.
 * @example parseMetric('cmc@1').name // 'cmc@1'
 * @throws UserError for an unknown name, with the nearest known one, for a parameter that is missing or wrong, and for a level that the metric cannot take
 */
export function parseMetric(name: string, { level, others }: ParseOptions = {}): QueryMetric {
  const trimmed = name.trim();
  const spec = parseSpec(fromTrecName(trimmed) ?? trimmed);
  const family = spec && familyOf(spec.family);
  if (!spec || !family) throw unknownMetric(trimmed, others);
  if (level === undefined || level === 1 || family.level === 'independent' || spec.parameters.has('rel')) {
    return family.make(spec.at, spec.parameters);
  }
  if (family.level === undefined) throw new UserError(`metric ${trimmed} knows no level of relevance; ${withLevels()} do`);
  return family.make(spec.at, new Map([['rel', String(level)], ...spec.parameters]));
}

/**
 * The metrics of a list, in its order, each once. Commas inside parentheses do not separate.
 * @example parseMetrics('cmc@1, map@10').map((metric) => metric.name) // ['cmc@1', 'map@10']
 * @throws UserError as `parseMetric`, and when the list is empty
 */
export function parseMetrics(names: string | readonly string[], options: ParseOptions = {}): QueryMetric[] {
  const metrics = new Map<string, QueryMetric>();
  for (const name of (typeof names === 'string' ? [names] : names).flatMap(splitNames)) {
    const metric = parseMetric(name, options);
    if (!metrics.has(metric.name)) metrics.set(metric.name, metric);
  }
  if (metrics.size === 0) throw new UserError('no metric is named; write for example cmc@1,map@10');
  return [...metrics.values()];
}

/** All families, the registered ones last. */
export function families(): MetricFamily[] {
  return [...METRIC_FAMILIES, ...registered];
}

function familyOf(name: string): MetricFamily | undefined {
  return families().find((family) => family.name === name);
}

function withLevels(): string {
  return families()
    .filter(({ level }) => level === 'rel')
    .map(({ name }) => name)
    .join(', ');
}

function unknownMetric(name: string, others: ParseOptions['others'] = []): UserError {
  const unfit = SET_FAMILIES.find((family) => family.name === parseSpec(name)?.family);
  if (unfit && !others.includes(unfit)) {
    return new UserError(`metric ${name} has no value for a single query, which is needed here; use one that has, for example map@10`);
  }
  const known = [...families(), ...others];
  const rest = /[(@].*$/s.exec(name)?.[0] ?? '';
  const names = [...known.map((family) => family.name + rest), ...TREC_NAMES.map(({ printed }) => printed)];
  const nearest = name === '' ? '' : didYouMean(name, names);
  const there = known.map(({ usage }) => usage);
  return new UserError(`unknown metric "${name}"${nearest || ` (there are: ${there.join(', ')})`}`);
}
