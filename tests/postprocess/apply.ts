import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { Postprocessor } from '../../src/postprocess/postprocessor.js';
import type { GoldenCase } from '../support/golden.js';

/** A post-processor on one batch, which is all that it sees. */
export async function apply<F>(step: Postprocessor<F>, rr: RetrievalResults): Promise<RetrievalResults> {
  const state = step.fit?.init();
  if (step.fit) step.fit.update(state, rr);
  return step.process(rr, {}, step.fit?.value(state) as F);
}

interface GoldenResults {
  readonly distances: number[][];
  readonly retrieved_ids: number[][];
  readonly gt_ids: number[][];
}

/** The results of a case of OML's, before and after. */
export function fromGolden(one: GoldenCase): { rr: RetrievalResults; expected: GoldenResults } {
  const { rr, expected } = one as unknown as { rr: GoldenResults; expected: GoldenResults };
  return { rr: RetrievalResults.fromLists({ retrieved: rr.retrieved_ids, distances: rr.distances, relevant: rr.gt_ids }), expected };
}
