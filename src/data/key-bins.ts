import { KEYS } from './float-key.js';

/** Keys of float32 values, both ends included. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
}

/** Keys of a coarse bin. */
const COARSE_BITS = 16;
const COARSE = 2 ** COARSE_BITS;
/** The most bins that a range is cut into. */
const MOST = 2 ** 20;

/**
 * A partition of all float32 values, by their keys, in bins: 65,536 coarse ones of equal width in keys (a 128th of the value or finer), and inside
 * some ranges finer ones, of single values where the range has at most 2^20 of them. Counts by the same bins add up, so that they merge.
 */
export class KeyBins {
  /** Where bins are fine, ascending and apart. */
  readonly ranges: readonly KeyRange[];
  readonly count: number;
  /** Runs of bins of one width: their first keys, the binary logarithms of their widths, the numbers of their first bins. */
  readonly #from: number[] = [];
  readonly #shift: number[] = [];
  readonly #first: number[] = [];

  /** @param most the most bins that a range is cut into */
  constructor(
    ranges: readonly KeyRange[] = [],
    private readonly most = MOST,
  ) {
    this.ranges = joined(ranges);
    let bins = 0;
    const run = (from: number, to: number, shift: number) => {
      if (from >= to) return;
      this.#from.push(from);
      this.#shift.push(shift);
      this.#first.push(bins);
      bins += Math.ceil((to - from) / 2 ** shift);
    };
    // Whole coarse bins stay where they are: what a range leaves of the first and the last of them are bins of their own.
    const coarse = (from: number, to: number) => {
      const start = Math.min(to, Math.ceil(from / COARSE) * COARSE);
      const end = Math.max(start, Math.floor(to / COARSE) * COARSE);
      run(from, start, COARSE_BITS);
      run(start, end, COARSE_BITS);
      run(end, to, COARSE_BITS);
    };
    let at = 0;
    for (const { first, last } of this.ranges) {
      coarse(at, first);
      run(first, last + 1, this.#shiftOf(first, last));
      at = last + 1;
    }
    coarse(at, KEYS);
    this.count = bins;
  }

  binOf(key: number): number {
    const run = last(this.#from, key);
    return this.#first[run] + ((key - this.#from[run]) >>> this.#shift[run]);
  }

  firstKey(bin: number): number {
    const run = last(this.#first, bin);
    return this.#from[run] + (bin - this.#first[run]) * 2 ** this.#shift[run];
  }

  lastKey(bin: number): number {
    return bin + 1 < this.count ? this.firstKey(bin + 1) - 1 : KEYS - 1;
  }

  /** The bin is of one value. */
  isSingle(bin: number): boolean {
    return this.firstKey(bin) === this.lastKey(bin);
  }

  /** The same with some bins cut into finer ones; single values stay single. */
  cut(bins: readonly number[]): KeyBins {
    return this.with(bins.map((bin) => ({ first: this.firstKey(bin), last: this.lastKey(bin) })));
  }

  /** The same with finer bins in some ranges; single values stay single. */
  with(ranges: readonly KeyRange[]): KeyBins {
    return new KeyBins([...this.ranges.filter(({ first, last }) => this.#shiftOf(first, last) === 0), ...ranges]);
  }

  equals(other: KeyBins): boolean {
    const { ranges } = other;
    return (
      this.most === other.most &&
      this.ranges.length === ranges.length &&
      this.ranges.every(({ first, last }, i) => first === ranges[i].first && last === ranges[i].last)
    );
  }

  /** Binary logarithm of the width of the bins of a range. */
  #shiftOf(first: number, last: number): number {
    return Math.max(0, Math.ceil(Math.log2((last - first + 1) / this.most)));
  }
}

/** Position of the last of ascending numbers that is not above `value`. */
function last(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ascending[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Ranges that overlap become one; those that only touch stay, so that single values next to each other do not become a range too wide for them. */
function joined(ranges: readonly KeyRange[]): KeyRange[] {
  const out: { first: number; last: number }[] = [];
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first || a.last - b.last)) {
    const before = out.at(-1);
    if (before && first <= before.last) before.last = Math.max(before.last, last);
    else out.push({ first, last });
  }
  return out;
}
