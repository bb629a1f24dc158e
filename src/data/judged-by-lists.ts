import { UserError } from './errors.js';
import type { Lists } from './lists.js';
import type { RetrievalParts } from './retrieval-parts.js';

/** Gains and counts from explicit lists of relevant rows; whatever is not listed has gain 0 (or NaN, with `gains`, where only some rows were judged). */
export function judgedByLists(
  parts: Pick<RetrievalParts, 'offsets' | 'ids'>,
  relevant: Lists<Int32Array>,
  relevantGains?: Float32Array,
): Pick<RetrievalParts, 'relevant' | 'relevantGains' | 'gains' | 'numRelevant'> {
  const n = parts.offsets.length - 1;
  if (relevant.offsets.length - 1 !== n) throw new UserError(`relevance of ${relevant.offsets.length - 1} queries given for ${n} queries`);
  const gains = new Float32Array(parts.ids.length);
  const numRelevant = new Uint32Array(n);
  for (let q = 0; q < n; q++) {
    const gainOf = new Map<number, number>();
    for (let i = relevant.offsets[q]; i < relevant.offsets[q + 1]; i++) {
      const gain = relevantGains?.[i] ?? 1;
      gainOf.set(relevant.values[i], gain);
      if (gain >= 1) numRelevant[q]++;
    }
    const missing = relevantGains ? Number.NaN : 0;
    for (let i = parts.offsets[q]; i < parts.offsets[q + 1]; i++) gains[i] = gainOf.get(parts.ids[i]) ?? missing;
  }
  return { relevant, relevantGains, gains, numRelevant };
}
