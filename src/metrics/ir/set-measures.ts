import type { QueryMetric } from '../metric.js';
import { relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/* Measures of all retrieved items as a set, whatever their order: h of the n retrieved items are relevant, and R in the whole gallery. */

type SetOptions = Pick<MeasureOptions, 'rel'>;

/** Precision of the set: SetP(q) = h / n. @throws UserError when rel is no positive integer @see trec_eval's `set_P` */
export function setPrecision({ rel = 1 }: SetOptions = {}): QueryMetric {
  return setMeasure(measureName('SetP', { rel }), rel, (hits, retrieved) => hits / retrieved);
}

/** Recall of the set: SetR(q) = h / R. @throws UserError when rel is no positive integer @see trec_eval's `set_recall` */
export function setRecall({ rel = 1 }: SetOptions = {}): QueryMetric {
  return setMeasure(measureName('SetR', { rel }), rel, (hits, _, relevant) => hits / relevant);
}

/**
 * Weighted harmonic mean of precision and recall of the set: SetF(q) = (beta + 1) P R / (beta P + R). As in trec_eval and ir_measures beta is not
 * squared, as it is in van Rijsbergen's F.
 * @throws UserError when rel is no positive integer, or beta not positive
 * @see trec_eval's `set_F`
 */
export function setF({ rel = 1, beta = 1 }: SetOptions & Pick<MeasureOptions, 'beta'> = {}): QueryMetric {
  return setMeasure(measureName('SetF', { rel, beta }), rel, (hits, retrieved, relevant) => {
    const precision = hits / retrieved;
    const recall = hits / relevant;
    return ((beta + 1) * precision * recall) / (beta * precision + recall);
  });
}

/** Precision times recall of the set: SetAP(q) = h^2 / (n R). @throws UserError when rel is no positive integer @see trec_eval's `set_map` */
export function setAP({ rel = 1 }: SetOptions = {}): QueryMetric {
  return setMeasure(measureName('SetAP', { rel }), rel, (hits, retrieved, relevant) => (hits * hits) / (retrieved * relevant));
}

/** @param valueOfHits the value of a query with hits */
function setMeasure(name: string, rel: number, valueOfHits: (hits: number, retrieved: number, relevant: number) => number): QueryMetric {
  return relevanceMeasure(name, rel, ({ offsets, numRelevant }, q, retrieved) => {
    const hits = offsets[q + 1] - offsets[q];
    return hits === 0 ? 0 : valueOfHits(hits, retrieved, numRelevant[q]);
  });
}
