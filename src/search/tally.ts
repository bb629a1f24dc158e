import { type Arena, openArena } from './arena.js';

/** The kernel of tally.as.ts over a memory of its own. */
export type Tally = Arena<TallyExports>;

export interface TallyExports {
  tally(
    scores: number,
    n: number,
    shift: number,
    a: number,
    c: number,
    norms: number,
    extra: number,
    base: number,
    inverse: number,
    last: number,
    cells: number,
    classes: number,
    slots: number,
    counts: number,
    out: number,
  ): number;
}

/** @param bytes all that will ever be reserved */
export function openTally(bytes: number): Tally {
  return openArena('tally.wasm', bytes);
}
