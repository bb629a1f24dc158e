import { readFileSync } from 'node:fs';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';

/** Made by tests/fixtures/postprocess/generate.py. */
export const reference = JSON.parse(readFileSync(new URL('../fixtures/postprocess/reference.json', import.meta.url), 'utf8')) as {
  readonly kReciprocal: readonly {
    readonly distance: 'l2' | 'cosine';
    readonly k1: number;
    readonly k2: number;
    readonly lambda: number;
    readonly gallery: number[][];
    readonly queries: number[][];
    /** Of each query to each gallery row. */
    readonly distances: number[][];
  }[];
  readonly alphaQueryExpansion: readonly { n: number; alpha: number; gallery: number[][]; queries: number[][]; expanded: number[][] }[];
  readonly databaseAugmentation: readonly { n: number; gallery: number[][]; augmented: number[][] }[];
  readonly pcaWhitening: readonly { dim: number; vectors: number[][]; whitened: number[][] }[];
};

/** Vectors as a batch. */
export function batchOf(vectors: readonly (readonly number[])[]): EmbeddingBatch {
  return EmbeddingBatch.fromMatrix({ data: Float32Array.from(vectors.flat()), rows: vectors.length, dim: vectors[0].length });
}
