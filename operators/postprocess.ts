import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { adaptiveThreshold as adaptive } from '../src/postprocess/adaptive-threshold.js';
import { constantThreshold as constant } from '../src/postprocess/constant-threshold.js';
import type { Context, Postprocessor } from '../src/postprocess/postprocessor.js';
import { openRetrievalSpool } from './spool.js';
import { type Stage, stage } from './stage.js';

/** Lifts a post-processor to a stage: RR -> RR_upd. One with a `fit` becomes a two-pass stage. */
export function postprocess<F>(step: Postprocessor<F>, context: Context = {}): Stage<RetrievalResults, RetrievalResults> {
  const { fit, name } = step;
  const apply = (fitted: F) => stage(name, (rr: RetrievalResults) => step.process(rr, context, fitted));
  return fit ? { stageName: name, fit, openSpool: openRetrievalSpool, apply: (fitted) => apply(fitted as F) } : apply(undefined as F);
}

/** Keeps items nearer than a threshold; see `src/postprocess/constant-threshold.ts`. */
export function constantThreshold(threshold: number): Stage<RetrievalResults, RetrievalResults> {
  return postprocess(constant(threshold));
}

/** Cuts each list after its first big gap; see `src/postprocess/adaptive-threshold.ts`. Two passes. */
export function adaptiveThreshold(factor: number): Stage<RetrievalResults, RetrievalResults> {
  return postprocess(adaptive(factor));
}
