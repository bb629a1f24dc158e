import type { OperatorFunction } from 'rxjs';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import type { Accumulator } from '../src/metrics/accumulator.js';
import { stage } from './stage.js';

/**
 * RR -> the same RR, after an accumulator has seen it: a baseline, or the effect of one step in the middle of a chain.
 * @example
 * const before = new Accumulator(evaluation({ metrics: [cmc(1)] }));
 * await pump(queries, {}, search(gallery), measure(before), constantThreshold(0.8), evaluate([cmc(1)])).last();
 * before.value().metrics['cmc@1'];
 */
export function measure<S, V>(accumulator: Accumulator<S, V, RetrievalResults>): OperatorFunction<RetrievalResults, RetrievalResults> {
  return stage(`measure ${accumulator.name}`, (rr) => {
    accumulator.update(rr);
    return rr;
  });
}
