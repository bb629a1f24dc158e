import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../data/errors.js';
import type { RetrievalResults } from '../../data/retrieval-results.js';
import { lowerIsBetter } from '../../metrics/direction.js';
import { foldOf, positionsByFold } from '../../metrics/folds.js';
import { type MeanState, meanMetric } from '../../metrics/mean-metric.js';
import type { Metric, QueryMetric } from '../../metrics/metric.js';
import type { Context, Postprocessor } from '../postprocessor.js';
import { chainTree } from './chain-tree.js';
import { addByFold, type FoldStates, type Folds, viewOf, without } from './fold-states.js';
import { fitsOfGroup, groupsOf, type Point, pointsOf } from './points.js';

/** States of accumulators in memory at one time, unless the caller says otherwise: some 200 bytes each. */
const STATES = 200_000;
/** Milliseconds after which others get their turn: a signal, a progress bar. */
const TURN = 50;

export interface TuneOptions {
  /** What to tune for; error rates are minimised, all else is maximised. */
  readonly metric: QueryMetric;
  /** Default: 5. */
  readonly folds?: number;
  /** Decides the folds; default: 0. */
  readonly seed?: number;
  /** What a step may use beside the results; default: nothing. */
  readonly contextOf?: (step: Postprocessor<unknown>) => Context;
  /**
   * Accumulator states to hold at one time: points beyond them are tried in a further read. A point takes as many
   * as there are folds, behind a fit that is learned without each fold that many times folds + 1.
   */
  readonly states?: number;
  /** Told what will be done when the queries have been counted. */
  readonly onStart?: (cost: TuneCost) => void;
  /** Told how many queries have gone through a chain since the last time. */
  readonly onQueries?: (count: number) => void;
  readonly signal?: AbortSignal;
}

/** What a search of parameters takes. */
export interface TuneCost {
  readonly points: number;
  readonly folds: number;
  readonly queries: number;
  /** How often the results are read: once for the baseline; then, for each group of points, once for each fit of a chain and once to measure. */
  readonly reads: number;
  /** The sum of what `onQueries` is told. */
  readonly work: number;
}

/** A value on the held-out queries of all folds. */
export interface HeldOut {
  /** The mean over folds. */
  readonly mean: number;
  /** Its spread: the standard deviation over folds (n - 1). */
  readonly deviation: number;
  /** Over all queries at once, each with the parameters of its fold. */
  readonly pooled: number;
}

export interface TunedFold {
  /** Held-out queries. */
  readonly queries: number;
  /** The point that is best on the training queries, as for each step the number of its alternative. */
  readonly choice: readonly number[];
  /** Its value on the training queries, which it was chosen by. */
  readonly training: number;
  /** Its value on the held-out queries. */
  readonly heldOut: number;
  /** The value of the held-out queries without post-processing. */
  readonly baseline: number;
}

export interface Tuned extends TuneCost {
  readonly byFold: readonly TunedFold[];
  /** What to expect of parameters that are chosen in this way. */
  readonly heldOut: HeldOut;
  /** The same queries without post-processing. */
  readonly baseline: HeldOut;
  /** The point to use, the best on all queries, and its value there, which flatters it. */
  readonly best: { readonly choice: readonly number[]; readonly value: number };
}

/**
 * Chooses the parameters of a chain by cross-validation: for each fold of the queries the point of the grid that is best on all other queries is measured
 * on the fold. Among equal points the first in the order of the grid is chosen. Steps with a fit are fitted without the queries of the fold
 * too, except for transductive ones: those look at all queries, never at their relevance.
 *
 * Results are never kept: chains run side by side on each batch, into exact mergeable accumulators by fold.
 * @param results are read several times, each time in the same order
 * @param grid for each step of the chain its alternatives; the points are their product, and the last step varies fastest
 * @throws UserError for results without relevance, for fewer queries than the folds need, and what the steps say
 * @example
 * const grid = [[constantThreshold(0.7), constantThreshold(0.8)]];
 * const { heldOut, best } = await tune(readRetrieval('rr.arrow'), grid, { metric: map(10) });
 * @see T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2nd edition, 2009, section 7.10
 */
export async function tune(
  results: AsyncIterable<RetrievalResults>,
  grid: readonly (readonly Postprocessor<unknown>[])[],
  { metric, folds = 5, seed = 0, contextOf = nothing, states = STATES, onStart, onQueries, signal }: TuneOptions,
): Promise<Tuned> {
  // What cannot be is refused before the first read.
  foldOf(0, folds, seed);
  const points = pointsOf(grid);
  const accumulator = meanMetric(metric);
  const value = (state: MeanState) => accumulator.value(state) as number;
  const read = async (visit: (rr: RetrievalResults, positions: Folds) => Promise<void> | void) => {
    for await (const rr of results) {
      signal?.throwIfAborted();
      if (rr.length > 0) await visit(rr, positionsByFold(rr.rows, folds, seed));
    }
  };

  const before = Array.from({ length: folds }, () => accumulator.init());
  await read((rr, positions) => addByFold(metric, before, rr, positions));
  refuseEmpty(before);

  const groups = groupsOf(points, folds, states);
  const queries = before.reduce((sum, state) => sum + state.queries, 0);
  const cost = {
    points: points.length,
    folds,
    queries,
    reads: groups.reduce((sum, group) => sum + fitsOfGroup(group) + 1, 1),
    work: groups.reduce((sum, group) => sum + queries * group.length * (fitsOfGroup(group) + 1), 0),
  };
  onStart?.(cost);

  const better = lowerIsBetter(metric.name) ? (a: number, b: number) => a < b : (a: number, b: number) => a > b;
  // One for each fold, and one for all queries.
  const best: (Candidate | undefined)[] = Array.from({ length: folds + 1 });
  const turn = turns(signal);
  for (const group of groups) {
    const tree = chainTree(
      group.map(({ chain }) => chain),
      {
        metric,
        folds,
        contextOf,
        async onEnd(queries) {
          onQueries?.(queries);
          await turn();
        },
      },
    );
    for (let fits = fitsOfGroup(group); fits > 0; fits--) {
      await read(async (rr, positions) => {
        await tree.learn(rr, positions);
        onQueries?.(rr.length * group.length);
        await turn();
      });
      tree.endLearning();
    }
    await read(tree.measure);
    for (const [i, { choice }] of group.entries()) {
      for (let fold = 0; fold <= folds; fold++) {
        const training = value(without(accumulator, tree.states[i], fold));
        const leader = best[fold];
        if (!leader || better(training, leader.training)) best[fold] = { choice, training, states: tree.states[i] };
      }
    }
  }

  const chosen = best as Candidate[];
  const heldOut = before.map((_, fold) => viewOf(chosen[fold].states, fold)[fold]);
  return {
    ...cost,
    byFold: before.map((state, fold) => ({
      queries: state.queries,
      choice: chosen[fold].choice,
      training: chosen[fold].training,
      heldOut: value(heldOut[fold]),
      baseline: value(state),
    })),
    heldOut: summary(accumulator, heldOut),
    baseline: summary(accumulator, before),
    best: { choice: chosen[folds].choice, value: chosen[folds].training },
  };
}

const nothing = (): Context => ({});

interface Candidate {
  readonly choice: Point['choice'];
  readonly training: number;
  readonly states: FoldStates<MeanState>;
}

/** Lets others have their turn when it is time, and stops when it shall. */
function turns(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN) return;
    await setImmediate();
    last = performance.now();
    signal?.throwIfAborted();
  };
}

function refuseEmpty(byFold: readonly MeanState[]): void {
  const queries = byFold.reduce((sum, state) => sum + state.queries, 0);
  const folds = byFold.length;
  if (queries === 0) throw new UserError('there are no queries');
  if (queries < folds) throw new UserError(`${queries} queries are too few for ${folds} folds`);
  const empty = byFold.findIndex((state) => state.queries === 0);
  if (empty >= 0) {
    throw new UserError(`none of the ${queries} queries fell into fold ${empty + 1} of ${folds}; use fewer folds, or another seed`);
  }
}

function summary(metric: Metric<MeanState, number | null>, states: readonly MeanState[]): HeldOut {
  const values = states.map((state) => metric.value(state) as number);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const pooled = metric.value(without(metric, [[...states]], states.length)) as number;
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)), pooled };
}
