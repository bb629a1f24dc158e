import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { adaptiveThreshold } from '../../src/postprocess/adaptive-threshold.js';
import { constantThreshold } from '../../src/postprocess/constant-threshold.js';
import type { Postprocessor } from '../../src/postprocess/postprocessor.js';
import { judgedResults } from '../support/arbitraries.js';
import { type GoldenCase, goldenCases, hasGolden } from '../support/golden.js';
import { apply, fromGolden } from './apply.js';

/** Every list is the beginning of what it was, with its gains. */
function expectPrefixes(after: RetrievalResults, before: RetrievalResults): void {
  for (let q = 0; q < before.length; q++) {
    const kept = after.retrievedIds(q).length;
    expect(kept).toBeLessThanOrEqual(before.retrievedIds(q).length);
    expect([...after.retrievedIds(q)]).toEqual([...before.retrievedIds(q).subarray(0, kept)]);
    expect([...after.distancesOf(q)]).toEqual([...before.distancesOf(q).subarray(0, kept)]);
    const [from, was] = [after.offsets[q], before.offsets[q]];
    expect([...(after.gains ?? [])].slice(from, from + kept)).toEqual([...(before.gains ?? [])].slice(was, was + kept));
  }
  expect(after.numRelevant).toEqual(before.numRelevant);
}

const threshold = fc.integer({ min: -2, max: 50 }).map((n) => n / 8);

describe('constantThreshold', () => {
  it('keeps exactly the items below the threshold', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, threshold, async (rr, th) => {
        const after = await apply(constantThreshold(th), rr);
        expectPrefixes(after, rr);
        for (let q = 0; q < rr.length; q++) {
          expect(after.distancesOf(q).length).toBe(rr.distancesOf(q).filter((distance) => distance < th).length);
        }
      }),
    ));

  it('is idempotent', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, threshold, async (rr, th) => {
        const once = await apply(constantThreshold(th), rr);
        expect((await apply(constantThreshold(th), once)).equals(once)).toBe(true);
      }),
    ));

  it('is monotone: a lower threshold after a higher one is the lower one', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, threshold, threshold, async (rr, a, b) => {
        const both = await apply(constantThreshold(Math.min(a, b)), await apply(constantThreshold(Math.max(a, b)), rr));
        expect(both.equals(await apply(constantThreshold(Math.min(a, b)), rr))).toBe(true);
      }),
    ));

  it('leaves its input as it was', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[4, 2]], distances: [[0.1, 0.9]], relevant: [[2]] });
    const copy = rr.pick([0]);
    await apply(constantThreshold(0.5), rr);
    expect(rr.equals(copy)).toBe(true);
  });
});

describe('adaptiveThreshold', () => {
  it('cuts after the first gap beyond the factor times the mean gap', async () => {
    const rr = RetrievalResults.fromLists({
      retrieved: [[0, 1, 2, 3], [5, 6], [7], []],
      distances: [[0, 0.25, 1, 1.25], [0, 0.25], [3], []],
    });
    // gaps 0.25, 0.75, 0.25, 0.25: mean 0.375
    const after = await apply(adaptiveThreshold(1.5), rr);
    expect(Array.from({ length: 4 }, (_, q) => [...after.retrievedIds(q)])).toEqual([[0, 1], [5, 6], [7], []]);
  });

  it('does not depend on the batches that its mean was learned from', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, fc.constantFrom(0.5, 1, 2), async (rr, factor) => {
        const step = adaptiveThreshold(factor);
        const [one, two] = [step.fit?.init(), step.fit?.init()];
        const middle = Math.floor(rr.length / 2);
        step.fit?.update(one, rr.slice(middle, rr.length));
        step.fit?.update(two, rr.slice(0, middle));
        step.fit?.merge(one, two);
        const merged = await step.process(rr, {}, step.fit?.value(one));
        const whole = await apply(step, rr);
        expect(merged.equals(whole)).toBe(true);
        expectPrefixes(whole, rr);
      }),
    ));

  it('changes nothing when there is no gap at all', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[3], []], distances: [[0.5], []] });
    expect((await apply(adaptiveThreshold(1), rr)).equals(rr)).toBe(true);
  });
});

describe.runIf(hasGolden)('parity with OML', () => {
  const steps: [string, GoldenCase, Postprocessor<unknown>][] = [
    ...goldenCases('constant_thresholding').map((one): [string, GoldenCase, Postprocessor<unknown>] => [
      one.name,
      one,
      constantThreshold(one.th as number),
    ]),
    ...goldenCases('adaptive_thresholding').map((one): [string, GoldenCase, Postprocessor<unknown>] => [
      one.name,
      one,
      adaptiveThreshold(one.n_std as number),
    ]),
  ];

  it.each(steps)('%s', async (_name, one, step) => {
    const { rr, expected } = fromGolden(one);
    const after = await apply(step, rr);
    expect(after.length).toBe(expected.retrieved_ids.length);
    for (let q = 0; q < after.length; q++) {
      expect([...after.retrievedIds(q)]).toEqual(expected.retrieved_ids[q]);
      expect([...after.distancesOf(q)]).toEqual(expected.distances[q]);
    }
  });
});
