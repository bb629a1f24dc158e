import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pool } from '../../src/runtime/pool.js';

/** What each borrower does with what it is lent: how many turns of the event loop it keeps it, and whether it ends with an error. */
const borrowers = fc.array(fc.record({ turns: fc.nat(4), fails: fc.boolean() }), { minLength: 1, maxLength: 30 });

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('Pool', () => {
  it('lends each thing to one at a time, in the order asked for, and takes it back after an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), borrowers, async (size, all) => {
        const items = Array.from({ length: size }, (_, i) => i);
        const pool = new Pool(items);
        const lent = new Set<number>();
        const order: number[] = [];
        const borrow = ({ turns: kept, fails }: { turns: number; fails: boolean }, b: number) =>
          pool.with(async (item) => {
            expect(lent.has(item)).toBe(false);
            lent.add(item);
            order.push(b);
            await turns(kept);
            lent.delete(item);
            if (fails) throw new Error(`borrower ${b}`);
            return b;
          });
        const ends = await Promise.allSettled(all.map(borrow));
        expect(order).toEqual(all.map((_, b) => b));
        expect(ends.map(({ status }) => status)).toEqual(all.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')));
        // Everything was given back: as many as there are can be lent at the same time again.
        let most = 0;
        const again = items.map(() =>
          pool.with(async (item) => {
            most = Math.max(most, lent.add(item).size);
            await turns(2);
          }),
        );
        await Promise.all(again);
        expect(most).toBe(size);
      }),
    );
  });

  it('takes a thing back from one that fails before its first await', async () => {
    const pool = new Pool(['only']);
    const broken = pool.with(() => {
      throw new Error('at once');
    });
    await expect(broken).rejects.toThrow('at once');
    expect(await pool.with(async (item) => item)).toBe('only');
  });
});
