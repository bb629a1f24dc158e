import { floatOf } from '../data/float-key.js';
import type { KeyBins } from '../data/key-bins.js';
import type { Distance } from '../data/matrix.js';
import { spaceOf } from './pair-frame.js';

/** Cells of u. */
export const CELLS = 65_536;
/** Cells are taken wider by this part of their width, which covers the rounding of their numbers. */
const MARGIN = 0.25;

/** In which bin a value of u surely lies. */
export interface Cells {
  /** The cell of u is floor((u - base) * inverse), at least 0 and at most CELLS - 1. */
  readonly base: number;
  readonly inverse: number;
  /** The slot of each cell; -1: an edge of a bin lies in it. */
  readonly slots: Int16Array;
  /** The bin of each slot. */
  readonly bins: Int32Array;
}

/** @param from,to distances between which most pairs lie: there cells are narrow, beyond there are only two */
export function cellsOf(bins: KeyBins, distance: Distance, from: number, to: number): Cells {
  const [low, high] = [spaceOf(distance, from), spaceOf(distance, to)];
  const width = Math.max(high - low, Math.abs(low) * 2 ** -10, 2 ** -100);
  const base = Math.fround(low - width / 64);
  const inverse = Math.fround((CELLS / width) * (32 / 33));
  const slots = new Int16Array(CELLS);
  const binOfSlot: number[] = [];
  let next = 0;
  const fill = (end: number, bin: number) => {
    if (next >= end) return;
    slots.fill(binOfSlot.length, next, end);
    binOfSlot.push(bin);
    next = end;
  };
  for (let bin = 1; bin < bins.count; bin++) {
    const key = bins.firstKey(bin);
    // A distance is rounded to this bin or a later one where it is beyond the middle between the bin's first float32 and the one before.
    const edge = spaceOf(distance, (floatOf(key - 1) + floatOf(key)) / 2);
    if (Number.isNaN(edge)) continue;
    const cell = (edge - base) * inverse;
    const first = Math.max(0, Math.min(CELLS - 1, Math.ceil(cell - 1 - MARGIN)));
    const last = Math.max(0, Math.min(CELLS - 1, Math.floor(cell + MARGIN)));
    fill(first, bin - 1);
    if (last < next) continue;
    slots.fill(-1, next, last + 1);
    next = last + 1;
  }
  fill(CELLS, bins.count - 1);
  return { base, inverse, slots, bins: Int32Array.from(binOfSlot) };
}
