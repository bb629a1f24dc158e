import { Random } from './random.js';

/** Synthetic embeddings: unit vectors scattered around the centre of their label, the labels around the centre of their category. */
export interface World {
  readonly dim: number;
  readonly labels: number;
  readonly categories: number;
  readonly seed: number;
}

/** Consecutive items of a world. */
export interface Items {
  readonly firstRow: number;
  readonly rows: number;
  /** Row-major float32, unit length. */
  readonly vectors: Float32Array;
  readonly labels: Int32Array;
  readonly categories: Int32Array;
}

/** Makes items batch by batch; queries and gallery of one world differ in `part` only. */
export function* items(world: World, rows: number, part: number, batchRows = 2048): Generator<Items, void, undefined> {
  const { dim, labels: labelCount, categories: categoryCount, seed } = world;
  const centres = labelCentres(world);
  const random = new Random(seed * 1000 + part + 1);
  for (let firstRow = 0; firstRow < rows; firstRow += batchRows) {
    const count = Math.min(batchRows, rows - firstRow);
    const labels = Int32Array.from({ length: count }, () => random.below(labelCount));
    const vectors = new Float32Array(count * dim);
    for (let row = 0; row < count; row++) {
      // How hard an item is varies, so that metrics lie well inside (0, 1).
      const noise = (1.2 + 1.6 * random.uniform()) / Math.sqrt(dim);
      const vector = vectors.subarray(row * dim, (row + 1) * dim);
      const centre = centres.subarray(labels[row] * dim, (labels[row] + 1) * dim);
      for (let i = 0; i < dim; i++) vector[i] = centre[i] + noise * random.normal();
      normalise(vector);
    }
    yield { firstRow, rows: count, vectors, labels, categories: labels.map((label) => label % categoryCount) };
  }
}

function labelCentres({ dim, labels, categories, seed }: World): Float32Array {
  const random = new Random(seed);
  const ofCategory = Float32Array.from({ length: categories * dim }, () => random.normal());
  const centres = new Float32Array(labels * dim);
  for (let label = 0; label < labels; label++) {
    const centre = centres.subarray(label * dim, (label + 1) * dim);
    const category = (label % categories) * dim;
    for (let i = 0; i < dim; i++) centre[i] = 0.5 * ofCategory[category + i] + random.normal();
    normalise(centre);
  }
  return centres;
}

function normalise(vector: Float32Array): void {
  let square = 0;
  for (const x of vector) square += x * x;
  const norm = Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i] /= norm;
}
