import { keyOf } from '../data/float-key.js';
import type { KeyBins } from '../data/key-bins.js';
import { PairCounts } from '../data/pair-counts.js';
import { rowsWithin } from '../data/postings.js';
import { squaredNorm } from './canonical.js';
import { KERNEL_ROWS } from './kernel.js';
import type { PairBlock, PairGallery } from './pair-block.js';
import { CELLS, type Cells } from './pair-cells.js';
import { type PairFrame, type PairPart, pairFrame, unit } from './pair-frame.js';
import { IGNORED, KINDS, NEGATIVE, PairKinds, POSITIVE } from './pair-kinds.js';
import { openScorer, overflow, type ShardScorer } from './scoring.js';
import { openTally, type Tally } from './tally.js';

/** Float32 products of `rows` queries and a part: scores [rows x part]. */
export type Multiply = (part: number, queries: Float32Array, rows: number, scores: Float32Array) => Promise<void>;

/** So many pairs a counter of the kernel can take. */
const MOST_PAIRS = 2 ** 30;

/** The memory of one pass. */
interface Pass {
  readonly bins: KeyBins;
  readonly cells: Cells;
  readonly totals: PairCounts;
  readonly arena: Tally;
  readonly scores: Float32Array;
  readonly parts: readonly { readonly norms: number; readonly extra: number }[];
  readonly slots: number;
  readonly kinds: PairKinds;
  readonly counts: Int32Array;
  readonly found: Int32Array;
  /** Pairs since the counters were emptied. */
  pairs: number;
}

/** Counts the pairs of a block of queries with all gallery rows; one thread owns a lane. See docs/verification.md. */
export class PairLane {
  readonly #scorers: readonly ShardScorer[];
  readonly #rows = new Int32Array(KERNEL_ROWS);
  #pass!: Pass;

  constructor(
    private readonly gallery: PairGallery,
    private readonly parts: readonly PairPart[],
    private readonly largest: number,
    private readonly blockRows: number,
    private readonly multiply: Multiply,
  ) {
    this.#scorers = gallery.shards.map((shard) => openScorer(shard, gallery.dim, gallery.distance));
  }

  /** Starts a pass. */
  start(bins: KeyBins, cells: Cells): void {
    const { size } = this.gallery;
    const most = Math.max(...this.parts.map(({ rows }) => rows));
    const slots = cells.bins.length;
    const numbers = this.blockRows * most + 2 * size + KINDS * 4 * slots + most;
    const arena = openTally(4 * numbers + 2 * CELLS + size + 64 * (6 + 2 * this.parts.length));
    const keep = (values: Float32Array) => {
      const kept = arena.floats(values.length);
      kept.set(values);
      return kept.byteOffset;
    };
    const shorts = arena.shorts(CELLS);
    shorts.set(cells.slots);
    this.#pass = {
      bins,
      cells: { ...cells, slots: shorts },
      totals: new PairCounts(bins),
      arena,
      scores: arena.floats(this.blockRows * most),
      parts: this.parts.map(({ norms, extra }) => ({ norms: keep(norms), extra: keep(extra) })),
      slots,
      kinds: new PairKinds(this.gallery, arena.bytes(size)),
      counts: arena.ints(KINDS * 4 * slots),
      found: arena.ints(most),
      pairs: 0,
    };
  }

  /** @throws UserError when a distance is beyond float32 */
  async count(block: PairBlock): Promise<void> {
    const { dim, distance } = this.gallery;
    const { rows, queries } = block;
    const frames = Array.from({ length: rows }, (_, q) => {
      const norm = Math.sqrt(squaredNorm(queries.subarray(q * dim, (q + 1) * dim)));
      return pairFrame(distance, norm, this.largest, dim);
    });
    const factors = distance === 'cosine' ? queries.slice() : queries;
    if (distance === 'cosine') for (let q = 0; q < rows; q++) unit(factors, q * dim, dim, factors);
    const pass = this.#pass;
    for (const [p, part] of this.parts.entries()) {
      const end = part.firstRow + part.rows;
      const starts = Int32Array.from({ length: rows }, (_, q) => {
        const start = block.once ? Math.max(part.firstRow, block.self![q] + 1) : part.firstRow;
        return block.labels[q] === -1 ? end : Math.min(start, end);
      });
      if (starts.every((start) => start === end)) continue;
      if (frames.some((frame) => !frame.brute)) await this.multiply(p, factors, rows, pass.scores);
      for (let q = 0; q < rows; q++) {
        const start = starts[q];
        if (start === end) continue;
        pass.kinds.during(block, q, start, end, (kinds) => {
          const found = frames[q].brute ? undefined : pass.found.subarray(0, this.#tally(p, q, start, frames[q]));
          this.#countCanonically(block, q, start, found, end - start, kinds);
        });
      }
    }
  }

  /** The counts of all blocks since the pass began. */
  totals(): PairCounts {
    this.#empty();
    return this.#pass.totals;
  }

  /** Canonical distances of the queries' positive pairs, `most` of each query, and of their negative pairs with some gallery rows, ascending. */
  sample(block: PairBlock, rows: Int32Array, most: number): { positives: Float32Array; negatives: Float32Array } {
    const { dim, size } = this.gallery;
    const out = { positives: [] as number[], negatives: [] as number[] };
    const all = new PairKinds(this.gallery);
    for (let q = 0; q < block.rows; q++) {
      if (block.labels[q] === -1) continue;
      const vector = block.queries.subarray(q * dim, (q + 1) * dim);
      const take = (of: 'positives' | 'negatives', chosen: Int32Array) =>
        this.#scoreRows(vector, chosen, (distance) => {
          // A distance beyond float32 is refused by the pass, which can name the query.
          if (Number.isFinite(distance)) out[of].push(distance);
        });
      all.during(block, q, 0, size, (kinds) => {
        const same = rowsWithin(this.gallery.labels, block.labels[q], 0, size).filter((row) => kinds[row] === POSITIVE);
        const step = Math.max(1, same.length / most);
        take(
          'positives',
          Int32Array.from({ length: Math.min(most, same.length) }, (_, i) => same[Math.floor(i * step)]),
        );
        take(
          'negatives',
          rows.filter((row) => kinds[row] === NEGATIVE),
        );
      });
    }
    return { positives: Float32Array.from(out.positives), negatives: Float32Array.from(out.negatives) };
  }

  /** Counts the rows of a part from a gallery row on. @returns how many pairs are left to canonical scoring, listed in `found` from that row */
  #tally(p: number, q: number, start: number, { shift, a, c }: PairFrame): number {
    const pass = this.#pass;
    const part = this.parts[p];
    const skipped = start - part.firstRow;
    const n = part.rows - skipped;
    if (pass.pairs + n > MOST_PAIRS) this.#empty();
    pass.pairs += n;
    const { base, inverse, slots } = pass.cells;
    return pass.arena.exports.tally(
      pass.scores.byteOffset + (q * part.rows + skipped) * 4,
      n,
      shift,
      a,
      c,
      pass.parts[p].norms + skipped * 4,
      pass.parts[p].extra + skipped * 4,
      base,
      inverse,
      CELLS - 1,
      slots.byteOffset,
      pass.kinds.kinds.byteOffset + start,
      pass.slots,
      pass.counts.byteOffset,
      pass.found.byteOffset,
    );
  }

  /** Adds the counters of the kernel to the totals. */
  #empty(): void {
    const { counts, slots, cells, totals } = this.#pass;
    for (const kind of [NEGATIVE, POSITIVE]) {
      const into = kind === POSITIVE ? totals.positives : totals.negatives;
      for (let row = kind * 4; row < kind * 4 + 4; row++) {
        for (let slot = 0; slot < slots; slot++) into[cells.bins[slot]] += counts[row * slots + slot];
      }
    }
    counts.fill(0);
    this.#pass.pairs = 0;
  }

  /** Scores gallery rows, those that `found` lists from `start` on or `count` of them, and counts the pairs. */
  #countCanonically(block: PairBlock, q: number, start: number, found: Int32Array | undefined, count: number, kinds: Uint8Array): void {
    const { bins, totals } = this.#pass;
    const { dim, distance } = this.gallery;
    const total = found?.length ?? count;
    const chosen = new Int32Array(total);
    let n = 0;
    for (let i = 0; i < total; i++) {
      const row = start + (found ? found[i] : i);
      if (kinds[row] !== IGNORED) chosen[n++] = row;
    }
    this.#scoreRows(block.queries.subarray(q * dim, (q + 1) * dim), chosen.subarray(0, n), (value, row) => {
      if (!Number.isFinite(value)) throw overflow(distance, block.firstQuery + q, row);
      (kinds[row] === POSITIVE ? totals.positives : totals.negatives)[bins.binOf(keyOf(value))]++;
    });
  }

  /** @param rows gallery rows, ascending */
  #scoreRows(vector: Float32Array, rows: Int32Array, take: (distance: number, row: number) => void): void {
    let at = 0;
    for (const [s, { firstRow, rows: size }] of this.gallery.shards.entries()) {
      if (at < rows.length && rows[at] < firstRow + size) this.#scorers[s].query(vector);
      while (at < rows.length && rows[at] < firstRow + size) {
        let count = 0;
        while (count < KERNEL_ROWS && at + count < rows.length && rows[at + count] < firstRow + size) {
          this.#rows[count] = rows[at + count] - firstRow;
          count++;
        }
        const distances = this.#scorers[s].distances(this.#rows, 0, count);
        for (let i = 0; i < count; i++) take(distances[i], rows[at + i]);
        at += count;
      }
    }
  }
}
