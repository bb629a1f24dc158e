import { UserError } from '../src/data/errors.js';
import type { Matrix } from '../src/data/matrix.js';

/** Embeddings of one batch: one array of numbers an item, or all numbers in one array, item by item. */
export type BatchEmbeddings = ArrayLike<number> | readonly ArrayLike<number>[];

/** Embeddings that come batch by batch, each with the index of its item. They take 4 * items * dim bytes. */
export interface CollectedEmbeddings {
  /** @throws UserError naming the index, for what cannot be the embedding of its item; then nothing of the batch is taken */
  update(embeddings: BatchEmbeddings, indices: ArrayLike<number>): void;
  /** All of them, in the order of the indices. @throws UserError while some are missing */
  complete(): Matrix;
}

/**
 * Two embeddings of one item may differ by this share of their length, as they do when its other batch ran with other neighbours, on another device or in
 * half precision.
 */
const NOISE = 0.01;

/**
 * Takes in the embedding of each of `size` items. An item that comes again, as from the samplers that fill up the last batch, keeps its first embedding; the other one must
 * be the same but for rounding.
 * @param source for messages
 */
export function collectEmbeddings(size: number, source: string): CollectedEmbeddings {
  const there = new Uint8Array(size);
  let [data, dim, count] = [new Float32Array(0), 0, 0];
  const stored = (index: number) => data.subarray(index * dim, (index + 1) * dim);
  return {
    update(embeddings, indices) {
      const batch = matrixOf(embeddings, indices.length, source);
      if (batch.rows === 0) return;
      if (dim !== 0 && batch.dim !== dim) throw new UserError(`${source}: embeddings of dimension ${batch.dim}, but ${dim} before`);
      const firstOf = new Map<number, Float32Array>();
      for (let i = 0; i < batch.rows; i++) {
        const index = indices[i];
        if (!Number.isInteger(index) || index < 0 || index >= size)
          throw new UserError(`${source}: there is no item ${index}; the indices of ${size} items are 0 to ${size - 1}`);
        const vector = batch.data.subarray(i * batch.dim, (i + 1) * batch.dim);
        if (!vector.every(Number.isFinite)) throw new UserError(`${source}, item ${index}: the embedding is not finite in float32`);
        const before = there[index] ? stored(index) : firstOf.get(index);
        if (!before) firstOf.set(index, vector);
        else refuseOther(vector, before, `${source}, item ${index}`);
      }
      if (dim === 0) {
        dim = batch.dim;
        data = new Float32Array(size * dim);
      }
      for (const [index, vector] of firstOf) {
        stored(index).set(vector);
        there[index] = 1;
        count++;
      }
    },
    complete() {
      if (count < size)
        throw new UserError(
          `${source}: embeddings of ${count} of ${size} items are there, and metrics need all; the first that is missing is that of item ${there.indexOf(0)}`,
        );
      return { data, rows: size, dim };
    },
  };
}

function matrixOf(embeddings: BatchEmbeddings, rows: number, source: string): Matrix {
  if (!isNested(embeddings)) {
    const dim = rows === 0 ? 0 : embeddings.length / rows;
    if (!Number.isInteger(dim) || embeddings.length !== rows * dim || (rows > 0 && dim === 0))
      throw new UserError(`${source}: ${embeddings.length} numbers are not the embeddings of ${rows} items`);
    return { data: Float32Array.from(embeddings), rows, dim };
  }
  if (embeddings.length !== rows) throw new UserError(`${source}: ${embeddings.length} embeddings come with ${rows} indices`);
  const dim = embeddings[0].length;
  const other = embeddings.find((vector) => vector.length !== dim || dim === 0);
  if (other) throw new UserError(`${source}: an embedding of ${other.length} numbers in a batch whose first has ${dim}`);
  const data = new Float32Array(rows * dim);
  embeddings.forEach((vector, i) => {
    data.set(vector, i * dim);
  });
  return { data, rows, dim };
}

function isNested(embeddings: BatchEmbeddings): embeddings is readonly ArrayLike<number>[] {
  return embeddings.length > 0 && typeof embeddings[0] !== 'number';
}

function refuseOther(vector: Float32Array, before: Float32Array, where: string): void {
  let [difference, length] = [0, 0];
  for (let i = 0; i < vector.length; i++) {
    difference += (vector[i] - before[i]) ** 2;
    length += before[i] ** 2;
  }
  if (difference > NOISE ** 2 * length)
    throw new UserError(
      `${where}: its embedding came before, and differs from this one by ${Math.sqrt(difference).toPrecision(3)}; call setup() before each pass over the items`,
    );
}
