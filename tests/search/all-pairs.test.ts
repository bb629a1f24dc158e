import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { exactCounts } from '../../src/data/exact-counts.js';
import { floatOf, keyOf } from '../../src/data/float-key.js';
import { Gallery } from '../../src/data/gallery.js';
import { KeyBins } from '../../src/data/key-bins.js';
import { DISTANCES } from '../../src/data/matrix.js';
import { PairCounts } from '../../src/data/pair-counts.js';
import { randomOf } from '../../src/data/random.js';
import { queryRows } from '../../src/data/split.js';
import { eer } from '../../src/metrics/eer.js';
import { fnmrAtFmr } from '../../src/metrics/fnmr.js';
import { pairValues } from '../../src/metrics/pair-values.js';
import { allPairs } from '../../src/search/all-pairs.js';
import { CELLS, cellsOf } from '../../src/search/pair-cells.js';
import { PairCounter } from '../../src/search/pair-counter.js';
import { spaceOf } from '../../src/search/pair-frame.js';
import { planPairs } from '../../src/search/pair-sample.js';
import { asTable, batchOf, binned, collect, everyPair, MEASURES } from './all-pairs-properties.js';
import { worldOf } from './worlds.js';

const labelled = (rows: number, labels: number) => ({ label: Array.from({ length: rows }, (_, i) => i % labels) });

describe('allPairs', () => {
  it.each(DISTANCES)('%s: is the full matrix of distances, for more rows than a sample and a part hold', async (distance) => {
    const { gallery, queries } = worldOf('scattered', 3, 5000, 260, 24);
    const marks = { query: labelled(260, 50), gallery: labelled(5000, 50), sameRows: false };
    const whole = batchOf(queries, marks.query);
    const loaded = await Gallery.load([batchOf(gallery, marks.gallery)]);
    let counted = 0;
    const counts = await allPairs(loaded, [whole.slice(0, 100), whole.slice(100, 260)], [fnmrAtFmr(0.01), eer()], {
      distance,
      onBatch: (rows) => {
        counted += rows;
      },
    });
    // Equal error rates of products lie about 0, where float32 has too many values for one pass.
    expect(counted).toBe(distance === 'ip' ? 520 : 260);
    const pairs = everyPair(distance, queries, gallery, marks);
    expect(JSON.stringify(counts)).toBe(JSON.stringify(binned(counts.bins, pairs)));
    const measures = [fnmrAtFmr(0.01), eer()];
    expect(pairValues(measures, counts)).toEqual(pairValues(measures, exactCounts(measures, pairs.positives, pairs.negatives)));
  });

  it.each(DISTANCES)('%s: leaves to canonical scoring what float32 cannot tell', async (distance) => {
    // A common part that is large beside the differences: float32 products are off by more than a cell.
    const next = randomOf(9);
    const matrix = (rows: number) => ({ data: Float32Array.from({ length: rows * 384 }, () => 1 + 0.1 * next()), rows, dim: 384 });
    const [gallery, queries] = [matrix(400), matrix(50)];
    const marks = { query: labelled(50, 6), gallery: labelled(400, 6), sameRows: false };
    const loaded = await Gallery.load([batchOf(gallery, marks.gallery)]);
    const counts = await allPairs(loaded, [batchOf(queries, marks.query)], [fnmrAtFmr(0.3)], { distance });
    expect(JSON.stringify(counts)).toBe(JSON.stringify(binned(counts.bins, everyPair(distance, queries, gallery, marks))));
  });

  it('looks at each pair of one table once, and counts it twice', async () => {
    const { gallery } = worldOf('scattered', 5, 1500, 1, 6);
    const marks = { ...labelled(1500, 9), sequence: Array.from({ length: 1500 }, (_, i) => (i % 4 === 0 ? null : i % 100)) };
    const table = batchOf(gallery, marks);
    const loaded = await Gallery.load([table], { shardBytes: 12_000 });
    expect(loaded.vectors.shards.length).toBe(3);
    const measures = [fnmrAtFmr(0.01), eer()];
    const queries = await collect(queryRows(asTable(table)));
    const counter = await PairCounter.open(loaded, { distance: 'cosine' });
    try {
      const plan = await planPairs(counter, loaded, queries, measures);
      expect(plan.once).toBe(true);
      const once = await counter.count(queries, plan);
      expect(JSON.stringify(once)).toBe(JSON.stringify(await counter.count(queries, { ...plan, once: false })));
      for (const changed of [[queries[0].slice(0, 1499)], [queries[0].slice(1, 1500), queries[0].slice(0, 1)], [table]]) {
        expect((await planPairs(counter, loaded, changed, measures)).once).toBe(false);
      }
    } finally {
      await counter.close();
    }
  });

  it('counts of parts of the queries, by the same bins, merge to those of the whole', async () => {
    const { gallery, queries } = worldOf('scattered', 8, 900, 70, 5);
    const whole = batchOf(queries, labelled(70, 6));
    const loaded = await Gallery.load([batchOf(gallery, labelled(900, 6))]);
    await expect(PairCounter.open(loaded, { threads: 0 })).rejects.toThrow('threads: 0 is no positive whole number');
    const counter = await PairCounter.open(loaded);
    try {
      const plan = await planPairs(counter, loaded, [whole], MEASURES);
      const all = await counter.count([whole], plan);
      const merged = new PairCounts(new KeyBins(plan.bins.ranges));
      for (const [from, to] of [
        [40, 70],
        [0, 1],
        [1, 40],
      ]) {
        merged.merge(PairCounts.fromJSON(JSON.parse(JSON.stringify(await counter.count([whole.slice(from, to)], plan)))));
      }
      expect(JSON.stringify(merged)).toBe(JSON.stringify(all));
    } finally {
      await counter.close();
    }
  });

  it('is exact where the first look missed, after another pass', async () => {
    const { gallery, queries } = worldOf('scattered', 8, 900, 70, 5);
    const marks = { query: labelled(70, 6), gallery: labelled(900, 6), sameRows: false };
    const loaded = await Gallery.load([batchOf(gallery, marks.gallery)]);
    let counted = 0;
    const measure = fnmrAtFmr(0.2);
    // It does not show itself before the first pass.
    const hidden = { ...measure, deciding: (counts: PairCounts) => (counted > 0 ? measure.deciding(counts) : []) };
    const counts = await allPairs(loaded, [batchOf(queries, marks.query)], [hidden], {
      onBatch: (rows) => {
        counted += rows;
      },
    });
    expect(counted).toBe(140);
    const pairs = everyPair('l2', queries, gallery, marks);
    expect(measure.value(counts)).toBe(measure.value(exactCounts([measure], pairs.positives, pairs.negatives)));
  });

  it('names the two items whose distance is beyond float32, and what is missing', async () => {
    const matrix = { data: Float32Array.of(1e30, 1e30), rows: 2, dim: 1 };
    const loaded = await Gallery.load([batchOf(matrix, { label: [0, 1] })]);
    const run = (queries: EmbeddingBatch) => allPairs(loaded, [queries], MEASURES, { distance: 'ip' });
    await expect(run(batchOf(matrix, { label: [0, 1] }))).rejects.toThrow(
      /query \d and gallery row \d: their ip distance is beyond float32/,
    );
    await expect(run(batchOf({ data: new Float32Array(2), rows: 1, dim: 2 }, { label: [0] }))).rejects.toThrow('queries of dimension 2');
    const unlabelled = EmbeddingBatch.fromMatrix(matrix);
    await expect(run(unlabelled)).rejects.toThrow('pairs need labels to be positive or negative');
    await expect(allPairs(await Gallery.load([unlabelled]), [], MEASURES)).rejects.toThrow('pairs need labels to be positive or negative');
  });
});

describe('cellsOf', () => {
  it.each(DISTANCES)('%s: a cell with a slot lies in one bin', (distance) => {
    const fine = { first: keyOf(0.7), last: keyOf(0.7) + 5000 };
    const bins = new KeyBins([fine]);
    const { base, inverse, slots, bins: binOf } = cellsOf(bins, distance, 0.5, 1.6);
    const next = randomOf(4);
    let pure = 0;
    for (let i = 0; i < 20_000; i++) {
      const value = floatOf(keyOf(0.4 + 1.4 * next()));
      const u = Math.fround(spaceOf(distance, value));
      const cell = Math.trunc(Math.min(Math.max(Math.fround(Math.fround(u - base) * inverse), 0), CELLS - 1));
      if (slots[cell] < 0) continue;
      pure++;
      expect(binOf[slots[cell]]).toBe(bins.binOf(keyOf(value)));
    }
    expect(pure).toBeGreaterThan(15_000);
  });
});
