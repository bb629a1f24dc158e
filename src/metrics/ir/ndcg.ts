import { UserError } from '../../data/errors.js';
import type { Lists } from '../../data/lists.js';
import type { JudgedView } from '../judged-view.js';
import type { QueryMetric } from '../metric.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Normalised discounted cumulative gain: the gains of the retrieved items, discounted by rank, against those of the best possible ranking of all
 * judged items.
 *
 *     nDCG@k(q) = DCG@k / ideal DCG@k,   DCG@k = sum over ranks r <= k of g(r) / log2(r + 1)
 *
 * where g is the gain (`log2`, as in trec_eval), or 2^gain - 1 (`exp-log2`). Gains below 0 and unjudged items count as 0. The relevance level of other
 * measures plays no part.
 *
 * @throws UserError when k is no positive integer or dcg is unknown; while scoring, when a gain is too large for 2^gain, or when relevance is graded and
 * the judgements are not listed
 * @see K. Järvelin, J. Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", ACM TOIS 20, 2002; trec_eval's `ndcg` and `ndcg_cut`; for
 * `exp-log2` C. Burges and others, "Learning to Rank Using Gradient Descent", ICML 2005, and gdeval.pl
 */
export function ndcg({ k, dcg = 'log2' }: Pick<MeasureOptions, 'k' | 'dcg'> = {}): QueryMetric {
  const name = measureName('nDCG', { dcg }, k);
  const gainOf = dcg === 'log2' ? undefined : (gain: number) => exponential(gain, name);
  return {
    name,
    reduce: 'mean',
    whenEmpty: { irrelevant: 0, void: 0 },
    score: (view, out) => scoreNdcg(name, view, k ?? Number.POSITIVE_INFINITY, gainOf, out),
  };
}

type GainOf = ((gain: number) => number) | undefined;

function scoreNdcg(name: string, view: JudgedView, k: number, gainOf: GainOf, out: Float64Array): void {
  const { gained, idealGains, numRelevant } = view;
  for (let q = 0; q < view.length; q++) {
    let dcg = 0;
    for (let i = gained.offsets[q]; i < gained.offsets[q + 1] && gained.ranks[i] <= k; i++) {
      const gain = gained.gains[i];
      dcg += (gainOf ? gainOf(gain) : gain) / logs(gained.ranks[i])[gained.ranks[i]];
    }
    out[q] = 0;
    if (dcg === 0) continue;
    // Binary gains are ones, with either gain function.
    const ideal = idealGains ? idealDcg(idealGains, q, k, gainOf) : idealOfOnes(Math.min(numRelevant[q], k));
    if (ideal === 0) {
      const contradiction = 'a retrieved item has a gain above 0, but none is said to have one';
      throw new UserError(`metric ${name}, query ${view.rows[q]}: ${contradiction}`);
    }
    out[q] = dcg / ideal;
  }
}

function idealDcg({ offsets, values }: Lists<Float32Array>, q: number, k: number, gainOf: GainOf): number {
  const from = offsets[q];
  const count = Math.min(offsets[q + 1] - from, k);
  const table = logs(count);
  let dcg = 0;
  for (let i = 0; i < count; i++) {
    const gain = values[from + i];
    dcg += (gainOf ? gainOf(gain) : gain) / table[i + 1];
  }
  return dcg;
}

function exponential(gain: number, name: string): number {
  const value = 2 ** gain - 1;
  if (!Number.isFinite(value))
    throw new UserError(`metric ${name}: 2^gain is beyond all numbers for the gain ${gain}; use nDCG with its plain gains`);
  return value;
}

/** log2(r + 1) for ranks r = 0, 1, ..., and the DCG of as many ones. They grow with the longest list met. */
let logTable = new Float64Array(0);
let onesTable = new Float64Array(0);

/** A table of log2(r + 1) that has at least the rank r. */
function logs(r: number): Float64Array {
  if (r >= logTable.length) growTables(r);
  return logTable;
}

function idealOfOnes(count: number): number {
  if (count >= onesTable.length) growTables(count);
  return onesTable[count];
}

function growTables(rank: number): void {
  const length = Math.max(1024, 2 * rank);
  logTable = Float64Array.from({ length }, (_, r) => Math.log2(r + 1));
  onesTable = new Float64Array(length);
  for (let r = 1; r < length; r++) onesTable[r] = onesTable[r - 1] + 1 / logTable[r];
}
