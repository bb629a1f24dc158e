import type { QueryMetric } from '../metric.js';
import { relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Success: 1 when there is a relevant item among the first k, else 0. It is `cmc@k`, but for queries with neither relevant nor retrieved items, which
 * count as 0 here.
 *
 * @throws UserError when k or rel is no positive integer
 * @see S. Tomlinson, "Robust, Web and Terabyte Retrieval with Hummingbird SearchServer at TREC 2004"; trec_eval's `success`
 */
export function success({ k, rel = 1 }: { readonly k: number } & Pick<MeasureOptions, 'rel'>): QueryMetric {
  return relevanceMeasure(measureName('Success', { rel }, k), rel, ({ offsets, ranks }, q) =>
    offsets[q] < offsets[q + 1] && ranks[offsets[q]] <= k ? 1 : 0,
  );
}
