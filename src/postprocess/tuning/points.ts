import { UserError } from '../../data/errors.js';
import type { Postprocessor } from '../postprocessor.js';
import { fitsOf, viewsOf } from './chain-tree.js';

type Step = Postprocessor<unknown>;

/** A chain with all its parameters. */
export interface Point {
  /** For each step the number of its alternative. */
  readonly choice: readonly number[];
  readonly chain: readonly Step[];
  /** Fits that it needs, one after the other. */
  readonly fits: number;
}

/**
 * All points of a grid, the last step varying fastest.
 * @param grid for each step its alternatives
 * @throws UserError when there are none
 */
export function pointsOf(grid: readonly (readonly Step[])[]): Point[] {
  if (grid.length === 0 || grid.some((alternatives) => alternatives.length === 0)) {
    throw new UserError('there is nothing to tune: a step has no alternative');
  }
  const choices = grid.reduce<number[][]>(
    (before, { length }) => before.flatMap((choice) => Array.from({ length }, (_, i) => [...choice, i])),
    [[]],
  );
  return choices.map((choice) => {
    const chain = choice.map((alternative, step) => grid[step][alternative]);
    return { choice, chain, fits: fitsOf(chain) };
  });
}

/** Consecutive points whose accumulator states fit, but for a point that does not by itself. */
export function groupsOf(points: readonly Point[], folds: number, states: number): Point[][] {
  const groups: Point[][] = [];
  let held = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const more = folds * viewsOf(point.chain, folds);
    if (held + more > states) {
      groups.push([]);
      held = 0;
    }
    groups[groups.length - 1].push(point);
    held += more;
  }
  return groups;
}

/** Fits that a group needs, one after the other. */
export function fitsOfGroup(group: readonly Point[]): number {
  return group.reduce((most, { fits }) => Math.max(most, fits), 0);
}
