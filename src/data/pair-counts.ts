import { z } from 'zod';
import { UserError } from './errors.js';
import { KEYS, keyOf } from './float-key.js';
import { KeyBins } from './key-bins.js';

/** What is asked of the distances of positive pairs (relevant) and negative pairs (not relevant). */
export interface PairMeasure {
  readonly name: string;
  /** The bins on which the answer depends; once each of them is a single value, `value` is exact. */
  deciding(counts: PairCounts): number[];
  /** Null where it is not defined: without positive or without negative pairs. */
  value(counts: PairCounts): number | null;
  /** What a reader of the value should know, if there is anything. */
  remark?(counts: PairCounts): string | undefined;
}

/** Number of positive and of negative pairs by distance: all that verification needs, however many pairs there are. */
export class PairCounts {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;

  constructor(readonly bins: KeyBins) {
    this.positives = new Float64Array(bins.count);
    this.negatives = new Float64Array(bins.count);
  }

  /** Counts float32 distances. */
  add(distances: Float32Array, positive: boolean): void {
    const counts = positive ? this.positives : this.negatives;
    for (let i = 0; i < distances.length; i++) counts[this.bins.binOf(keyOf(distances[i]))]++;
  }

  /** Adds what another has counted, or takes it away. @throws UserError when their bins differ */
  merge(other: PairCounts, times: 1 | -1 = 1): void {
    if (!this.bins.equals(other.bins)) {
      throw new UserError('counts of pairs by different bins do not join; all parts must be counted by the same bins');
    }
    for (let bin = 0; bin < this.positives.length; bin++) {
      this.positives[bin] += times * other.positives[bin];
      this.negatives[bin] += times * other.negatives[bin];
    }
  }

  get totalPositives(): number {
    return total(this.positives);
  }

  get totalNegatives(): number {
    return total(this.negatives);
  }

  /** Equal counts give equal text, however they were batched and merged. */
  toJSON(): SavedPairCounts {
    return {
      ranges: this.bins.ranges.map(({ first, last }) => [first, last]),
      positives: sparse(this.positives),
      negatives: sparse(this.negatives),
    };
  }

  /** @throws UserError when the JSON is not of saved counts */
  static fromJSON(json: unknown): PairCounts {
    const { data, error } = savedPairCounts.safeParse(json);
    if (error)
      throw new UserError(
        `these are no saved counts of pairs: ${error.issues[0].path.join('.') || 'document'}: ${error.issues[0].message}`,
      );
    const counts = new PairCounts(new KeyBins(data.ranges.map(([first, last]) => ({ first, last }))));
    for (const part of ['positives', 'negatives'] as const) {
      for (const [bin, count] of data[part]) {
        if (bin >= counts.bins.count) throw new UserError(`these are no saved counts of pairs: there is no bin ${bin}`);
        counts[part][bin] = count;
      }
    }
    return counts;
  }
}

const count = z.int().min(0);
const key = count.max(KEYS - 1);

/** Ranges of fine bins, and the bins that are not empty with their counts. */
export const savedPairCounts = z.strictObject({
  ranges: z.array(z.tuple([key, key])),
  positives: z.array(z.tuple([count, count])),
  negatives: z.array(z.tuple([count, count])),
});
export type SavedPairCounts = z.infer<typeof savedPairCounts>;

/** The bin of the value that has `index` values before it; the counts must have so many. */
export function binAt(counts: Float64Array, index: number): number {
  let seen = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    seen += counts[bin];
    if (seen > index) return bin;
  }
  throw new RangeError(`there are ${seen} values, and no number ${index}`);
}

/** The bins of all measures that must be cut before their values are exact. */
export function openBins(measures: readonly PairMeasure[], counts: PairCounts): number[] {
  return measures.flatMap((measure) => measure.deciding(counts)).filter((bin) => !counts.bins.isSingle(bin));
}

function total(counts: Float64Array): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) sum += counts[bin];
  return sum;
}

function sparse(counts: Float64Array): [number, number][] {
  const pairs: [number, number][] = [];
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin] > 0) pairs.push([bin, counts[bin]]);
  return pairs;
}
