import type { Units } from './differences.js';

/** Queries whose signs are one byte. */
const GROUP = 8;
/** Permutations of a pass: their sums stay in the cache. */
const PASS = 16384;
/** Groups between two yields: some milliseconds. */
const STEP = 64;

/** How far from 0 a sum counts as at least as far as the one seen: units are rounded by at most a half, and two sums differ by twice a part of them. */
function threshold({ units, nonZero }: Units): number {
  let seen = 0;
  for (let i = 0; i < units.length; i++) seen += units[i];
  return Math.abs(seen) - nonZero;
}

/** Of all 2^nonZero assignments of signs, how many have a sum at least as far from 0 as the one seen. For few differences. */
export function exactFlips(column: Units): number {
  const [first, ...others] = column.units.filter((unit) => unit !== 0);
  if (first === undefined) return 1;
  const enough = threshold(column);
  // Turning all signs turns the sum's: the half with the first sign as it is has half of the assignments that count.
  let sums = Float64Array.of(first);
  for (const unit of others) {
    const longer = new Float64Array(2 * sums.length);
    for (let i = 0; i < sums.length; i++) {
      longer[i] = sums[i] + unit;
      longer[sums.length + i] = sums[i] - unit;
    }
    sums = longer;
  }
  let count = 0;
  for (let i = 0; i < sums.length; i++) if (Math.abs(sums[i]) >= enough) count++;
  return 2 * count;
}

/**
 * Of `permutations` random assignments of signs, how many have a sum at least as far from 0 as the one seen, for each column.
 *
 * The signs of eight queries are one random byte, and the sums of their 256 assignments a table, made anew for each group of queries and column: a
 * permutation then costs one look-up for eight queries. 60,000 queries, 10 columns and 10,000 permutations take about 2 seconds.
 * @param next random 32-bit integers
 * @yields the share that is done
 */
export function* sampledFlips(columns: readonly Units[], permutations: number, next: () => number): Generator<number, number[]> {
  const counts = columns.map(() => 0);
  if (columns.length === 0) return counts;
  const queries = columns[0].units.length;
  const enough = columns.map(threshold);
  const table = new Float64Array(2 ** GROUP);
  for (let start = 0; start < permutations; start += PASS) {
    const size = Math.min(PASS, permutations - start);
    const words = new Uint32Array(Math.ceil(size / 4));
    const signs = new Uint8Array(words.buffer);
    const sums = columns.map(() => new Float64Array(size));
    for (let query = 0, group = 1; query < queries; query += GROUP, group++) {
      for (let i = 0; i < words.length; i++) words[i] = next();
      columns.forEach(({ units }, c) => {
        if (fillTable(table, units, query)) addLookedUp(sums[c], table, signs);
      });
      if (group % STEP === 0) yield (start + (size * query) / queries) / permutations;
    }
    sums.forEach((column, c) => {
      for (let i = 0; i < size; i++) if (Math.abs(column[i]) >= enough[c]) counts[c]++;
    });
  }
  return counts;
}

/** The sums of a group of queries for each byte of signs (bit set: plus). @returns whether any of them is not 0 */
function fillTable(table: Float64Array, units: Float64Array, query: number): boolean {
  const end = Math.min(units.length, query + GROUP);
  let any = false;
  let allMinus = 0;
  for (let i = query; i < end; i++) {
    allMinus -= units[i];
    if (units[i] !== 0) any = true;
  }
  if (!any) return false;
  table[0] = allMinus;
  for (let bit = 0; bit < GROUP; bit++) {
    const half = 2 ** bit;
    const twice = query + bit < end ? 2 * units[query + bit] : 0;
    for (let i = 0; i < half; i++) table[half + i] = table[i] + twice;
  }
  return true;
}

function addLookedUp(sums: Float64Array, table: Float64Array, bytes: Uint8Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += table[bytes[i]];
}
