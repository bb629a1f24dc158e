import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { pcaWhitening, whiteningFit } from '../../src/embeddings/pca-whitening.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { batchOf, reference } from '../postprocess/reference.js';
import { cut, cuts } from '../support/arbitraries.js';
import { clusters } from '../support/tables.js';

const open = (gallery: Gallery) => ExactSearcher.open(gallery, { threads: 1 });

function fitOf(batches: readonly EmbeddingBatch[], options: Parameters<typeof whiteningFit>[0] = {}) {
  const fit = whiteningFit(options);
  const state = fit.init();
  for (const batch of batches) fit.update(state, batch);
  return fit.value(state);
}

/** Embeddings far from the origin, of unlike scales. */
const worlds = fc
  .record({ rows: fc.integer({ min: 12, max: 60 }), dim: fc.integer({ min: 1, max: 6 }), seed: fc.nat() })
  .map(({ rows, dim, seed }) => batchOf(clusters(rows, 3, dim, seed).vectors.map((x) => x.map((value, i) => value * 4 ** i + 10 * i))));

describe('pcaWhitening', () => {
  it.each(reference.pcaWhitening)('is the formula, dim $dim', async ({ dim, vectors, whitened }) => {
    const fitted = await pcaWhitening({ dim, normalise: false }).fit(await Gallery.load([batchOf(vectors)]), open);
    const { data } = await fitted.queries(batchOf(vectors));
    for (const [i, value] of whitened.flat().entries()) expect(Math.abs(data[i] - value)).toBeLessThan(1e-6);
    const unit = await pcaWhitening({ dim }).fit(await Gallery.load([batchOf(vectors)]), open);
    for (const [row, one] of whitened.entries()) {
      for (const [i, value] of one.entries()) expect(unit.gallery.vectors.row(row)[i]).toBeCloseTo(value / Math.hypot(...one), 5);
    }
  });

  it('makes the covariance of what it was fitted to the identity', () =>
    fc.assert(
      fc.property(worlds, (batch) => {
        const whitening = fitOf([batch], { normalise: false });
        const { data, dim } = whitening.apply(batch);
        for (let a = 0; a < dim; a++) {
          for (let b = 0; b < dim; b++) {
            let sum = 0;
            for (let row = 0; row < batch.rows; row++) sum += data[row * dim + a] * data[row * dim + b];
            expect(Math.abs(sum / (batch.rows - 1) - (a === b ? 1 : 0))).toBeLessThan(1e-4);
          }
        }
      }),
    ));

  it('agrees however the fit is parted and merged', () =>
    fc.assert(
      fc.property(
        worlds.chain((batch) => fc.record({ batch: fc.constant(batch), sizes: cuts(batch.rows), left: fc.boolean() })),
        ({ batch, sizes, left }) => {
          const whole = fitOf([batch]);
          const fit = whiteningFit();
          const states = cut(batch, sizes).map((part) => {
            const state = fit.init();
            fit.update(state, part);
            return state;
          });
          const merged = fit.init();
          for (const state of left ? states : states.reverse()) fit.merge(merged, state);
          const parted = fit.value(merged);
          const scale = Math.max(...whole.mean.map(Math.abs));
          for (const [i, value] of whole.mean.entries()) expect(Math.abs(parted.mean[i] - value)).toBeLessThan(1e-9 * (1 + scale));
          // Compared as E diag(1 / lambda) E^T, which does not depend on how components of equal variance are turned.
          const precision = ({ components, dim, mean }: typeof whole) =>
            [...mean.keys()].flatMap((a) =>
              [...mean.keys()].map((b) =>
                [...Array(dim).keys()].reduce((sum, c) => sum + components[c * mean.length + a] * components[c * mean.length + b], 0),
              ),
            );
          const expected = precision(whole);
          const most = Math.max(...expected.map(Math.abs));
          for (const [i, value] of precision(parted).entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-9 * most);
        },
      ),
    ));

  it('gives components whose largest entry is positive', () =>
    fc.assert(
      fc.property(worlds, (batch) => {
        const { components, mean, dim } = fitOf([batch]);
        for (let c = 0; c < dim; c++) {
          const component = [...components.subarray(c * mean.length, (c + 1) * mean.length)];
          expect(Math.max(...component)).toBe(Math.max(...component.map(Math.abs)));
        }
      }),
    ));

  it('keeps as many dimensions as vary', async () => {
    const flat = batchOf([...Array(20).keys()].map((i) => [Math.sin(i), 3, Math.sin(i) * 2, Math.cos(5 * i)]));
    const fitted = await pcaWhitening().fit(await Gallery.load([flat]), open);
    expect(fitted.gallery.dim).toBe(2);
    await expect(pcaWhitening({ dim: 3 }).fit(await Gallery.load([flat]), open)).rejects.toThrow(
      'pca-whitening: the 20 embeddings of the gallery vary in 2 dimensions, not in 3; ask for at most 2',
    );
    await expect(
      pcaWhitening().fit(
        await Gallery.load([
          batchOf([
            [1, 2],
            [1, 2],
          ]),
        ]),
        open,
      ),
    ).rejects.toThrow('2 embeddings of the gallery do not differ');
    await expect(pcaWhitening().fit(await Gallery.load([batchOf([[1, 2]])]), open)).rejects.toThrow(
      '1 embeddings of the gallery do not differ',
    );
    expect(() => fitted.queries(batchOf([[1, 2, 3]]))).toThrow('dimension 3, but the gallery has 4');
    // The mean itself has no direction.
    const whitening = fitOf([batchOf([[-1], [1]])]);
    expect([...whitening.apply(batchOf([[0], [5]])).data]).toEqual([0, 1]);
  });
});
