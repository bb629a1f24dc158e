/** How the queries fared. */
export interface Outcomes {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** Positions of the queries that gained most, the largest gain first; among equals in their order. Only queries that did gain. */
  readonly gained: readonly number[];
  readonly lost: readonly number[];
}

/** Counts the queries that are better, equal and worse, and finds the `top` ones at each end. @param differences one per query */
export function outcomes(differences: Float64Array, top: number): Outcomes {
  const [better, worse]: [number[], number[]] = [[], []];
  differences.forEach((difference, position) => {
    if (difference > 0) better.push(position);
    else if (difference < 0) worse.push(position);
  });
  const most = (positions: number[]) =>
    positions.sort((i, j) => Math.abs(differences[j]) - Math.abs(differences[i]) || i - j).slice(0, top);
  const [wins, losses] = [better.length, worse.length];
  return { wins, ties: differences.length - wins - losses, losses, gained: most(better), lost: most(worse) };
}
