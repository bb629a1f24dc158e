import { Int32, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pump, search, transform } from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { readGalleryItems } from '../../src/data/gallery-items.js';
import { alphaQueryExpansion } from '../../src/embeddings/alpha-query-expansion.js';
import { databaseAugmentation } from '../../src/embeddings/database-augmentation.js';
import { parseTransforms } from '../../src/embeddings/registry.js';
import { fitTransforms } from '../../src/embeddings/transform.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { batchOf, reference } from '../postprocess/reference.js';
import { cut, cuts } from '../support/arbitraries.js';
import { clusters } from '../support/tables.js';

const open = (gallery: Gallery) => ExactSearcher.open(gallery, { threads: 1 });

/** All vectors of a gallery. */
function rowsOf(gallery: Gallery): Float32Array[] {
  return Array.from({ length: gallery.size }, (_, row) => gallery.vectors.row(row));
}

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(found[i] - value)).toBeLessThan(1e-6);
}

const world = clusters(60, 6, 4);
const items = () => batchOf(world.vectors);

describe('alphaQueryExpansion', () => {
  it.each(reference.alphaQueryExpansion)('is the formula: n $n, alpha $alpha', async ({ n, alpha, gallery, queries, expanded }) => {
    const fitted = await alphaQueryExpansion({ n, alpha }).fit(await Gallery.load([batchOf(gallery)]), open);
    expectClose((await fitted.queries(batchOf(queries))).data, expanded.flat());
    await fitted.close();
  });

  it('is the identity with n = 0', async () => {
    const gallery = await Gallery.load([items()]);
    const fitted = await alphaQueryExpansion({ n: 0 }).fit(gallery, open);
    const batch = items();
    expect(await fitted.queries(batch)).toBe(batch);
    expect(fitted.gallery).toBe(gallery);
  });

  it('does not depend on the batches, and keeps lengths and columns', () =>
    fc.assert(
      fc.asyncProperty(cuts(60), async (sizes) => {
        const batch = EmbeddingBatch.fromMatrix(items(), { label: vectorFromArray(world.label, new Int32()) });
        const self = Int32Array.from({ length: 60 }, (_, row) => row);
        const queries = batch.withSelf(self);
        const fitted = await alphaQueryExpansion({ n: 3 }).fit(await Gallery.load([batch]), open);
        const whole = await fitted.queries(queries);
        const parts: EmbeddingBatch[] = [];
        for await (const part of pump(cut(queries, sizes), {}, transform(fitted))) parts.push(part);
        await fitted.close();
        const joined = EmbeddingBatch.concat(parts);
        expect(joined.data).toEqual(whole.data);
        expect(joined.self).toEqual(self);
        expect([...joined.columns.label]).toEqual(world.label);
        for (let q = 0; q < 60; q++) {
          const length = (b: EmbeddingBatch) => Math.hypot(...b.data.subarray(q * 4, q * 4 + 4));
          expect(Math.abs(length(whole) / length(queries) - 1)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 4 },
    ));

  it('is not expanded by what a query may not retrieve', async () => {
    const gallery = await Gallery.load([
      EmbeddingBatch.fromMatrix(
        batchOf([
          [1, 0],
          [0.9, 0.1],
          [0, 1],
        ]),
        { sequence: vectorFromArray(['a', 'a', 'b'], new Utf8()) },
      ),
    ]);
    const fitted = await alphaQueryExpansion({ n: 1, alpha: 0 }).fit(gallery, open);
    const query = (sequence: string, self: number) =>
      EmbeddingBatch.fromMatrix(batchOf([[1, 0]]), { sequence: vectorFromArray([sequence], new Utf8()) }).withSelf(Int32Array.of(self));
    expectClose((await fitted.queries(query('a', 0))).data, [Math.SQRT1_2, Math.SQRT1_2]);
    expectClose((await fitted.queries(query('c', -1))).data, [1, 0]);
    const [x, y] = (await fitted.queries(query('c', 0))).data;
    expect(y / x).toBeCloseTo(0.1 / (0.9 + Math.hypot(0.9, 0.1)), 6);
    await fitted.close();
  });

  it('leaves a zero vector as it is, and a zero neighbour out', async () => {
    const fitted = await alphaQueryExpansion({ n: 2 }).fit(
      await Gallery.load([
        batchOf([
          [0, 0],
          [0, 1],
        ]),
      ]),
      open,
    );
    expectClose(
      (
        await fitted.queries(
          batchOf([
            [0, 0],
            [0, 2],
          ]),
        )
      ).data,
      [0, 0, 0, 2],
    );
    await fitted.close();
  });
});

describe('databaseAugmentation', () => {
  it.each(reference.databaseAugmentation)('is the formula: n $n', async ({ n, gallery, augmented }) => {
    const fitted = await databaseAugmentation({ n }).fit(await Gallery.load([batchOf(gallery)]), open);
    for (const [row, vector] of rowsOf(fitted.gallery).entries()) expectClose(vector, augmented[row]);
  });

  it('with alpha, moves each item as a query that may not find itself', async () => {
    const gallery = await Gallery.load([items()]);
    const augmented = await databaseAugmentation({ n: 3, alpha: 2 }).fit(gallery, open);
    const expanded = await alphaQueryExpansion({ n: 3, alpha: 2 }).fit(gallery, open);
    const queries = await expanded.queries(items().withSelf(Int32Array.from({ length: 60 }, (_, row) => row)));
    await expanded.close();
    expect(Float32Array.from(rowsOf(augmented.gallery).flatMap((row) => [...row]))).toEqual(queries.data);
  });

  it.each([0, 1])('changes nothing with n = %i', async (n) => {
    const gallery = await Gallery.load([items()]);
    expect((await databaseAugmentation({ n }).fit(gallery, open)).gallery).toBe(gallery);
  });

  it('gives the gallery of the new vectors, whatever its shards', async () => {
    const labelled = EmbeddingBatch.fromMatrix(items(), { label: vectorFromArray(world.label, new Int32()) });
    const whole = await databaseAugmentation({ n: 4 }).fit(await Gallery.load([labelled]), open);
    const sharded = await databaseAugmentation({ n: 4 }).fit(await Gallery.load([labelled], { shardBytes: 16 * 7 }), open);
    const { gallery } = sharded;
    expect(rowsOf(gallery)).toEqual(rowsOf(whole.gallery));
    const again = await readGalleryItems([batchOf(rowsOf(gallery).map((row) => [...row]))]);
    expect([gallery.fingerprint, whole.gallery.fingerprint]).toEqual([again.fingerprint, again.fingerprint]);
    expect([...gallery.columns.label]).toEqual(world.label);
    expect(gallery.labels?.count(gallery.labels.code(0))).toBe(10);
  });
});

describe('a chain of transforms', () => {
  it('gives each the gallery of the one before, and frees what was opened', async () => {
    let opened = 0;
    const counted = async (gallery: Gallery) => {
      const searcher = await open(gallery);
      opened++;
      return Object.assign(Object.create(searcher), {
        search: searcher.search.bind(searcher),
        close: async () => {
          opened--;
          await searcher.close();
        },
      });
    };
    const gallery = await Gallery.load([items()]);
    const fitted = await fitTransforms(parseTransforms(['pca:dim=2', 'dba:3 | qe:n=2']), gallery, counted);
    expect(opened).toBe(1);
    expect([fitted.gallery.size, fitted.gallery.dim]).toEqual([60, 2]);
    for await (const rr of pump([items()], {}, transform(fitted), search(fitted.gallery, { k: 3, threads: 1 }))) {
      expect(rr.info.fingerprint).toBe(fitted.gallery.fingerprint);
      expect(rr.queries?.dim).toBe(2);
    }
    await fitted.close();
    expect(opened).toBe(0);
    await expect(fitTransforms(parseTransforms('qe:2 | pca:9'), gallery, counted)).rejects.toThrow('vary in 4 dimensions, not in 9');
    expect(opened).toBe(0);
  });
});

describe('parseTransforms', () => {
  it('reads names, aliases and parameters', () => {
    const params = (spec: string) => parseTransforms(spec).map(({ name, params }) => [name, params]);
    expect(params('pca | pca:64')).toEqual([
      ['pca-whitening', { normalise: true }],
      ['pca-whitening', { dim: 64, normalise: true }],
    ]);
    expect(params('qe:n=5,alpha=2 | qe:5')).toEqual([
      ['alpha-query-expansion', { n: 5, alpha: 2 }],
      ['alpha-query-expansion', { n: 5, alpha: 3 }],
    ]);
    expect(params('database-augmentation:5 | dba:5,3')).toEqual([
      ['database-augmentation', { n: 5 }],
      ['database-augmentation', { n: 5, alpha: 3 }],
    ]);
  });

  it.each([
    ['pcx:3', 'unknown transform "pcx" (there are: pca-whitening, alpha-query-expansion, database-augmentation); did you mean "pca"?'],
    ['qe', 'transform "qe": n is missing; write alpha-query-expansion:n=NUMBER[,alpha=3]'],
    ['pca:x', 'transform "pca:x": dim must be a number, not "x"'],
    ['pca:0', 'pca-whitening: dim must be a positive integer, not 0'],
    ['qe:1.5', 'alpha-query-expansion: n must be a whole number, not 1.5'],
    ['qe:5,-1', 'alpha-query-expansion: alpha must be a number of at least 0, not -1'],
    ['dba:n=-1', 'database-augmentation: n must be a whole number, not -1'],
    ['pca |', 'an empty transform in the chain; write its name (pca-whitening, '],
  ])('refuses %s', (spec, message) => {
    expect(() => parseTransforms(spec)).toThrow(message);
  });
});
