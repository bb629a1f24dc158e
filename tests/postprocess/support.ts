import type { RecordBatch } from 'apache-arrow';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { Context, Postprocessor } from '../../src/postprocess/postprocessor.js';

/**
 * A post-processor on batches, fitted to each of them by itself; the states are merged from the last to the first, as processes may.
 * @returns all batches as one
 */
export async function applyInParts<F>(
  step: Postprocessor<F>,
  parts: readonly RetrievalResults[],
  context: Context = {},
): Promise<RetrievalResults> {
  const states = parts.map((part) => {
    const state = step.fit?.init();
    step.fit?.update(state, part);
    return state;
  });
  const whole = states.reduceRight((into, state) => {
    step.fit?.merge(into, state);
    return into;
  });
  const out: RetrievalResults[] = [];
  for (const part of parts) out.push(await step.process(part, context, step.fit?.value(whole) as F));
  return RetrievalResults.concat(out);
}

/** The lists of all queries, as plain arrays. */
export function lists(rr: RetrievalResults): { ids: number[]; distances: number[] }[] {
  return Array.from({ length: rr.length }, (_, q) => ({ ids: [...rr.retrievedIds(q)], distances: [...rr.distancesOf(q)] }));
}

/** Every item of `after` is one of its query's in `before`, with the gain that it had there; distances are finite and do not decrease. */
export function expectValid(
  after: RetrievalResults,
  before: RetrievalResults,
  expect: (value: unknown) => { toBe(other: unknown): void; toEqual(other: unknown): void },
): void {
  RetrievalResults.checked(after);
  expect(after.distances.every(Number.isFinite)).toBe(true);
  expect(after.distances.some((distance) => Object.is(distance, -0))).toBe(false);
  expect([...after.rows]).toEqual([...before.rows]);
  expect(after.numRelevant).toEqual(before.numRelevant);
  for (let q = 0; q < after.length; q++) {
    const gains = new Map([...before.retrievedIds(q)].map((row, i) => [row, before.gains?.[before.offsets[q] + i]]));
    for (let i = after.offsets[q]; i < after.offsets[q + 1]; i++) {
      expect(gains.has(after.ids[i])).toBe(true);
      expect(after.gains?.[i]).toEqual(gains.get(after.ids[i]));
    }
  }
}

/** A gallery of one table. */
export function galleryOf(table: RecordBatch): Promise<Gallery> {
  return Gallery.load([EmbeddingBatch.fromArrow(table, { source: 'gallery', firstRow: 0 })]);
}
