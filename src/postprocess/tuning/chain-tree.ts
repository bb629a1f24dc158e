import type { RetrievalResults } from '../../data/retrieval-results.js';
import type { Metric } from '../../metrics/metric.js';
import type { Postprocessor } from '../postprocessor.js';

type Step = Postprocessor<unknown>;

/**
 * What is accumulated of the queries of each fold, under one or several views: view f is what comes out of steps that were fitted without fold f, and the
 * last view of steps that were fitted to all. As long as no step was fitted, all views are one.
 */
export type FoldStates<S> = S[][];

/** Chains side by side, as a tree of steps: what some have in common at their beginnings is done once. */
export interface ChainTree<S> {
  /** What the last steps gave: by point, in the order in which the points were given. */
  readonly points: readonly FoldStates<S>[];
  /** Lets queries of one fold through as far as the next step that must be fitted, which learns from them. */
  learn(part: RetrievalResults, fold: number): Promise<void>;
  /** Ends the learning, when all queries have gone by. */
  endLearning(): void;
  /** Lets queries of one fold through to the ends. */
  measure(part: RetrievalResults, fold: number): Promise<void>;
}

export interface ChainTreeOptions<S> {
  readonly folds: number;
  readonly metric: Metric<S, unknown>;
  /** Told whenever queries come to the end of a chain; nothing goes on before it is done. */
  readonly onEnd: (queries: number) => Promise<void>;
}

interface Node<S> {
  readonly step: Step;
  readonly children: Node<S>[];
  /** What the step learns, while it does. */
  learning?: FoldStates<unknown>;
  /** What it has learned, for each view. */
  fitted?: readonly unknown[];
  /** At the end of a chain. */
  states?: FoldStates<S>;
}

/** How many fits a chain needs, one after the other. */
export function fitsOf(chain: readonly Step[]): number {
  return chain.filter(({ fit }) => fit !== undefined).length;
}

/** @param chains of the same number of steps, at least one; equal steps are the same object */
export function chainTree<S>(chains: readonly (readonly Step[])[], options: ChainTreeOptions<S>): ChainTree<S> {
  const { folds, metric } = options;
  const roots: Node<S>[] = [];
  const points = chains.map((chain) => {
    const path: Node<S>[] = [];
    for (const step of chain) path.push(nodeOf(path.at(-1)?.children ?? roots, step));
    const last = path[path.length - 1];
    last.states ??= foldStates(metric, fitsOf(chain) > 0 ? folds + 1 : 1, folds);
    return last.states;
  });

  /** A step's results under each view. */
  async function processed({ step, fitted }: Node<S>, before: readonly RetrievalResults[]): Promise<RetrievalResults[]> {
    const after: RetrievalResults[] = [];
    for (let view = 0; view < (fitted ?? before).length; view++) {
      after.push(await step.process(before[Math.min(view, before.length - 1)], {}, fitted?.[view]));
    }
    return after;
  }

  async function learn(nodes: readonly Node<S>[], views: readonly RetrievalResults[], fold: number): Promise<void> {
    for (const node of nodes.filter(mustLearn)) {
      if (node.step.fit && !node.fitted) {
        const metric = node.step.fit;
        node.learning ??= foldStates(metric, views.length, folds);
        update(metric, node.learning, views, fold);
      } else await learn(node.children, await processed(node, views), fold);
    }
  }

  async function measure(nodes: readonly Node<S>[], views: readonly RetrievalResults[], fold: number): Promise<void> {
    for (const node of nodes) {
      const after = await processed(node, views);
      if (node.states) {
        update(metric, node.states, after, fold);
        await options.onEnd(after[0].length);
      }
      await measure(node.children, after, fold);
    }
  }

  function endLearning(nodes: readonly Node<S>[]): void {
    for (const node of nodes) {
      const { step, learning } = node;
      if (step.fit && learning) {
        const metric = step.fit;
        node.fitted = Array.from({ length: folds + 1 }, (_, view) => metric.value(without(metric, learning, view)));
        node.learning = undefined;
      }
      endLearning(node.children);
    }
  }

  return {
    points,
    learn: (part, fold) => learn(roots, [part], fold),
    endLearning: () => endLearning(roots),
    measure: (part, fold) => measure(roots, [part], fold),
  };
}

/** The node of a step, which is made where there is none. */
function nodeOf<S>(siblings: Node<S>[], step: Step): Node<S> {
  const known = siblings.find((one) => one.step === step);
  if (known) return known;
  const node: Node<S> = { step, children: [] };
  siblings.push(node);
  return node;
}

/** The state of all folds but one, under the view that has not seen it; of all, where the fold is beyond the last. */
export function without<S>(metric: Metric<S, unknown>, states: FoldStates<S>, fold: number): S {
  const all = metric.init();
  viewOf(states, fold).forEach((state, other) => {
    if (other !== fold) metric.merge(all, state);
  });
  return all;
}

/** The states of all folds under the view that has not seen one of them. */
export function viewOf<S>(states: FoldStates<S>, fold: number): readonly S[] {
  return states[Math.min(fold, states.length - 1)];
}

function foldStates<S>(metric: Metric<S, unknown>, views: number, folds: number): FoldStates<S> {
  return Array.from({ length: views }, () => Array.from({ length: folds }, () => metric.init()));
}

function update<S>(metric: Metric<S, unknown>, states: FoldStates<S>, views: readonly RetrievalResults[], fold: number): void {
  for (const [view, rr] of views.entries()) metric.update(states[view][fold], rr);
}

function mustLearn<S>({ step, fitted, children }: Node<S>): boolean {
  return (step.fit !== undefined && fitted === undefined) || children.some(mustLearn);
}
