import { z } from 'zod';
import { UserError } from '../data/errors.js';
import { exactCounts } from '../data/exact-counts.js';
import { KeyBins } from '../data/key-bins.js';
import { openBins, PairCounts, type PairMeasure, savedPairCounts } from '../data/pair-counts.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import { FloatList } from './float-list.js';
import { judgedView } from './judged-view.js';
import { type PairValues, pairValues } from './pair-values.js';
import type { SavableMetric } from './savable.js';

/** So many distances are kept as they are; more are counted by bins. */
const KEPT = 1_000_000;

interface Kept {
  readonly positives: FloatList;
  readonly negatives: FloatList;
}

/** The distances of retrieved items, or the counts of their bins. Which of the two depends on their number alone. */
export interface RetrievedPairs {
  kept?: Kept;
  readonly counts: PairCounts;
}

/** An accumulator of measures of pairs; a state can be saved, and merged elsewhere. */
export interface RetrievedPairsMetric extends SavableMetric<RetrievedPairs, PairValues> {
  /** Whether the values are exact; else they are null until a further pass, see `refine`. */
  isExact(state: RetrievedPairs): boolean;
  /** The counts by bins, for curves. */
  counts(state: RetrievedPairs): PairCounts;
  /** Equal distances give equal text, however they were batched and merged. */
  saveState(state: RetrievedPairs): SavedRetrievedPairs;
  /** @throws UserError when the JSON is no saved state */
  loadState(json: unknown): RetrievedPairs;
}

/**
 * Measures of pairs from what was retrieved: every retrieved item makes a pair with its query, positive when it is relevant, negative when it is
 * not, neither when it is unjudged. They depend on k: a pair that was not retrieved does not count. OML's `calc_fnmr_at_fmr_rr`.
 *
 * Up to a million distances one pass is exact. More are counted in 65,536 bins, and a second pass over the same results, by the metric that `refine`
 * gives, counts single values where the answers lie.
 * @example
 * const metric = retrievedPairs([fnmrAtFmr(0.1), eer()]);
 * const state = metric.init();
 * for await (const rr of results) metric.update(state, rr);
 * const again = metric.refine?.(state); // undefined: metric.value(state) is exact
 */
export function retrievedPairs(measures: readonly PairMeasure[], bins?: KeyBins): RetrievedPairsMetric {
  const names = measures.map(({ name }) => name);
  /** Counts what was kept, where it is more than `most`. */
  const spill = (state: RetrievedPairs, most: number) => {
    if (!state.kept || state.kept.positives.length + state.kept.negatives.length <= most) return;
    count(state.counts, state.kept);
    state.kept = undefined;
  };
  const resolve = ({ kept, counts }: RetrievedPairs) =>
    kept ? exactCounts(measures, kept.positives.values, kept.negatives.values) : counts;
  return {
    name: 'pairs',
    init: () => ({
      kept: bins ? undefined : { positives: new FloatList(), negatives: new FloatList() },
      counts: new PairCounts(bins ?? new KeyBins()),
    }),
    update(state, rr) {
      for (const positive of [true, false]) {
        const distances = distancesOf(rr, positive);
        if (state.kept) state.kept[positive ? 'positives' : 'negatives'].push(distances);
        else state.counts.add(distances, positive);
      }
      spill(state, KEPT);
    },
    merge(into, other) {
      if (into.kept && other.kept) {
        into.kept.positives.push(other.kept.positives.values);
        into.kept.negatives.push(other.kept.negatives.values);
        spill(into, KEPT);
        return;
      }
      spill(into, -1);
      if (other.kept) count(into.counts, other.kept);
      else into.counts.merge(other.counts);
    },
    value(state) {
      const values = pairValues(measures, resolve(state));
      const depends = `${names.join(', ')}: of the retrieved items of each query only, and so dependent on k`;
      return { ...values, warnings: [depends, ...values.warnings] };
    },
    isExact: (state) => state.kept !== undefined || openBins(measures, state.counts).length === 0,
    counts: resolve,
    refine(state) {
      if (state.kept) return undefined;
      const open = openBins(measures, state.counts);
      return open.length === 0 ? undefined : retrievedPairs(measures, state.counts.bins.cut(open));
    },
    saveState: ({ kept, counts }) => ({
      format: PAIRS_FORMAT,
      version: 1,
      metrics: [...names],
      kept: kept && { positives: kept.positives.sorted(), negatives: kept.negatives.sorted() },
      counts: counts.toJSON(),
    }),
    loadState(json) {
      const { data, error } = savedRetrievedPairs.safeParse(json);
      if (error) {
        const [issue] = error.issues;
        throw new UserError(`these are no saved pairs that this version can read: ${issue.path.join('.') || 'document'}: ${issue.message}`);
      }
      if (data.metrics.join() !== names.join())
        throw new UserError(`the saved pairs are of the metrics [${data.metrics.join(', ')}], not of [${names.join(', ')}]`);
      const { kept } = data;
      return {
        kept: kept && { positives: FloatList.of(kept.positives), negatives: FloatList.of(kept.negatives) },
        counts: PairCounts.fromJSON(data.counts),
      };
    },
  };
}

/** The name of the format of saved pairs. */
export const PAIRS_FORMAT = 'rankstream pairs';

const savedRetrievedPairs = z.strictObject({
  format: z.literal(PAIRS_FORMAT),
  version: z.literal(1),
  metrics: z.array(z.string()),
  kept: z.strictObject({ positives: z.array(z.number()), negatives: z.array(z.number()) }).optional(),
  counts: savedPairCounts,
});
export type SavedRetrievedPairs = z.infer<typeof savedRetrievedPairs>;

function count(into: PairCounts, { positives, negatives }: Kept): void {
  into.add(positives.values, true);
  into.add(negatives.values, false);
}

/** Distances of the relevant retrieved items, or of those that are not. @throws UserError when the results carry no relevance */
function distancesOf(rr: RetrievalResults, positive: boolean): Float32Array {
  const { gains } = judgedView(rr);
  const out = new Float32Array(gains.length);
  let n = 0;
  for (let i = 0; i < gains.length; i++) {
    if (positive ? gains[i] >= 1 : gains[i] < 1) out[n++] = rr.distances[i];
  }
  return out.subarray(0, n);
}
