import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISTANCES } from '../../src/data/matrix.js';
import { planSearch, planText, type SearchSize } from '../../src/search/plan.js';

const MILLIONS: SearchSize = { galleryRows: 4_000_000, dim: 128, k: 100, distance: 'l2', threads: 2, batchRows: 1024, queries: 4000 };

const sizes = fc.record({
  galleryRows: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100_000_000 })),
  dim: fc.integer({ min: 1, max: 4096 }),
  k: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 200_000_000 })),
  distance: fc.constantFrom(...DISTANCES),
  threads: fc.integer({ min: 1, max: 64 }),
  batchRows: fc.integer({ min: 1, max: 4096 }),
  queries: fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }),
  kept: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
});
const memories = fc.double({ min: 3, max: 13, noNaN: true }).map((power) => Math.round(10 ** power));

/** The plan, or undefined where the memory is refused. */
function planned(size: SearchSize, memory: number) {
  try {
    return planSearch(size, memory);
  } catch (error) {
    expect((error as Error).message).toContain('of memory is too little');
    return undefined;
  }
}

describe('planSearch', () => {
  it('never exceeds the memory, covers the gallery, and takes whole batches of queries', () => {
    fc.assert(
      fc.property(sizes, memories, (size, memory) => {
        const plan = planned(size, memory);
        if (!plan) return;
        expect(plan.bytes).toBeLessThanOrEqual(memory);
        if (plan.kind === 'resident') return;
        expect(plan.blockRows).toBeGreaterThanOrEqual(1);
        expect(plan.blocks * plan.blockRows).toBeGreaterThanOrEqual(size.galleryRows);
        expect((plan.blocks - 1) * plan.blockRows).toBeLessThan(size.galleryRows);
        const queries = Math.max(1, size.queries ?? Number.POSITIVE_INFINITY);
        expect(plan.queryRows).toBeLessThanOrEqual(queries);
        expect(plan.queryRows).toBeGreaterThanOrEqual(Math.min(size.batchRows, queries));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no more passes or blocks with more memory, and stays resident', () => {
    fc.assert(
      fc.property(sizes, memories, fc.double({ min: 1, max: 10, noNaN: true }), (size, memory, times) => {
        const [less, more] = [planned(size, memory), planned(size, memory * times)];
        if (!less) return;
        if (less.kind === 'resident') expect(more).toEqual(less);
        else if (more?.kind === 'streamed') {
          expect(more.queryRows).toBeGreaterThanOrEqual(less.queryRows);
          if (more.queryRows === less.queryRows) expect(more.blocks).toBeLessThanOrEqual(less.blocks);
        } else expect(more?.kind).toBe('resident');
      }),
      { numRuns: 500 },
    );
  });

  it('is resident without a budget', () => {
    expect(planSearch(MILLIONS).kind).toBe('resident');
  });

  it('needs no more than the least that it names', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        let message = '';
        try {
          planSearch(size, 1000);
        } catch (error) {
          message = (error as Error).message;
        }
        const [, number, unit] = /at least ([\d.]+) (GB|MB|KB)/.exec(message) ?? [];
        if (number) expect(planned(size, Number(number) * { GB: 1e9, MB: 1e6, KB: 1e3 }[unit as 'GB'])).toBeDefined();
      }),
    );
  });

  it('says in a line what it does, and what would be enough', () => {
    const plan = planSearch(MILLIONS, 1e9);
    if (plan.kind === 'resident') throw new Error('4 million rows do not fit 1 GB');
    expect(plan.queryRows).toBe(4000);
    expect(planText(plan, MILLIONS)).toMatch(
      /^plan: gallery 4,000,000 x 128 streamed in \d+ blocks of [\d,]+ rows against 4,000 resident queries; about (0\.9\d|1) GB|9\d\d.* MB$/,
    );
    expect(planText(planSearch(MILLIONS), MILLIONS)).toMatch(/^plan: gallery 4,000,000 x 128 resident; about \d\.\d+ GB$/);
    expect(() => planSearch(MILLIONS, 1e6)).toThrow(
      /^1 MB of memory is too little to search 4,000,000 x 128 with k = 100: it takes at least [\d.]+ MB; less with smaller batches/,
    );
  });
});
