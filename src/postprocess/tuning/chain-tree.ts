import type { RetrievalResults } from '../../data/retrieval-results.js';
import { type MeanState, meanMetric } from '../../metrics/mean-metric.js';
import type { QueryMetric } from '../../metrics/metric.js';
import type { Context, Postprocessor } from '../postprocessor.js';
import { addByFold, type FoldStates, type Folds, learnByFold, newFoldStates, without } from './fold-states.js';

type Step = Postprocessor<unknown>;

/** Chains side by side, as a tree of steps: what some have in common at their beginnings is done once. */
export interface ChainTree {
  /** What the metric gave: by chain, in the order in which they were given. */
  readonly states: readonly FoldStates<MeanState>[];
  /** Lets a batch through as far as the next step that must be fitted, which learns from it. */
  learn(rr: RetrievalResults, folds: Folds): Promise<void>;
  /** Ends the learning, when all queries have gone by. */
  endLearning(): void;
  /** Lets a batch through to the ends. */
  measure(rr: RetrievalResults, folds: Folds): Promise<void>;
}

export interface ChainTreeOptions {
  readonly metric: QueryMetric;
  readonly folds: number;
  readonly contextOf: (step: Step) => Context;
  /** Told whenever queries come to the end of a chain; nothing goes on before it is done. */
  readonly onEnd: (queries: number) => Promise<void>;
}

interface Node {
  readonly step: Step;
  readonly children: Node[];
  /** What the step learns, while it does. */
  learning?: FoldStates<unknown>;
  /** What it has learned, for each view. */
  fitted?: readonly unknown[];
  /** At the end of a chain. */
  states?: FoldStates<MeanState>;
}

/** How many fits a chain needs, one after the other. */
export function fitsOf(chain: readonly Step[]): number {
  return chain.filter(({ fit }) => fit !== undefined).length;
}

/** How many views there are behind a chain, see `FoldStates`. */
export function viewsOf(chain: readonly Step[], folds: number): number {
  return chain.some(({ fit, transductive }) => fit && !transductive) ? folds + 1 : 1;
}

/** @param chains of the same number of steps, at least one; equal steps are the same object */
export function chainTree(chains: readonly (readonly Step[])[], { metric, folds: count, contextOf, onEnd }: ChainTreeOptions): ChainTree {
  const roots: Node[] = [];
  const states = chains.map((chain) => {
    const path: Node[] = [];
    for (const step of chain) path.push(nodeOf(path.at(-1)?.children ?? roots, step));
    const last = path[path.length - 1];
    last.states ??= newFoldStates(meanMetric(metric), viewsOf(chain, count), count);
    return last.states;
  });

  /** A step's results under each view. */
  async function processed({ step, fitted }: Node, before: readonly RetrievalResults[]): Promise<RetrievalResults[]> {
    const after: RetrievalResults[] = [];
    for (let view = 0; view < (fitted ?? before).length; view++) {
      after.push(await step.process(before[Math.min(view, before.length - 1)], contextOf(step), fitted?.[view]));
    }
    return after;
  }

  async function learn(nodes: readonly Node[], views: readonly RetrievalResults[], folds: Folds): Promise<void> {
    for (const node of nodes.filter(mustLearn)) {
      const { fit } = node.step;
      if (fit && !node.fitted) {
        node.learning ??= newFoldStates(fit, views.length, count);
        for (const [view, rr] of views.entries()) learnByFold(fit, node.learning[view], rr, folds);
      } else await learn(node.children, await processed(node, views), folds);
    }
  }

  async function measure(nodes: readonly Node[], views: readonly RetrievalResults[], folds: Folds): Promise<void> {
    for (const node of nodes) {
      const after = await processed(node, views);
      if (node.states) {
        for (const [view, rr] of after.entries()) addByFold(metric, node.states[view], rr, folds);
        await onEnd(after[0].length);
      }
      await measure(node.children, after, folds);
    }
  }

  function endLearning(nodes: readonly Node[]): void {
    for (const node of nodes) {
      const { step, learning } = node;
      const { fit } = step;
      if (fit && learning) {
        node.fitted = step.transductive
          ? learning.map((view) => fit.value(without(fit, [view], count)))
          : Array.from({ length: count + 1 }, (_, view) => fit.value(without(fit, learning, view)));
        node.learning = undefined;
      }
      endLearning(node.children);
    }
  }

  return {
    states,
    learn: (rr, folds) => learn(roots, [rr], folds),
    endLearning: () => endLearning(roots),
    measure: (rr, folds) => measure(roots, [rr], folds),
  };
}

/** The node of a step, which is made where there is none. */
function nodeOf(siblings: Node[], step: Step): Node {
  const known = siblings.find((one) => one.step === step);
  if (known) return known;
  const node: Node = { step, children: [] };
  siblings.push(node);
  return node;
}

function mustLearn({ step, fitted, children }: Node): boolean {
  return (step.fit !== undefined && fitted === undefined) || children.some(mustLearn);
}
