import type { OperatorFunction } from 'rxjs';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { adaptiveThreshold as adaptive } from '../src/postprocess/adaptive-threshold.js';
import { constantThreshold as constant } from '../src/postprocess/constant-threshold.js';
import type { Context, Postprocessor } from '../src/postprocess/postprocessor.js';
import { attachQueries } from './attach-queries.js';
import { openRetrievalSpool } from './spool.js';
import { named, type Stage, stage } from './stage.js';

/**
 * Lifts a post-processor to a stage: RR -> RR_upd. One with a `fit` becomes a two-pass stage.
 * @param queries all queries, for a two-pass step that needs them: what waits on disk between the passes has lost its own; see `attachQueries`
 */
export function postprocess<F>(
  step: Postprocessor<F>,
  context: Context = {},
  queries?: AsyncIterable<EmbeddingBatch>,
): Stage<RetrievalResults, RetrievalResults> {
  const { fit, name } = step;
  const apply = (fitted: F): OperatorFunction<RetrievalResults, RetrievalResults> => {
    const process = stage(name, (rr: RetrievalResults) => step.process(rr, context, fitted));
    return fit && queries ? named(name, (results) => results.pipe(attachQueries(queries), process)) : process;
  };
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
