import type { Distance } from '../data/matrix.js';
import type { FastPass, FastPassDevice, PassRows } from './fast-pass.js';
import type { Tensor, Tensorflow } from './tensorflow.js';

/** Rows of one product: 65,536 x dim floats are one tensor, and 65,536 scores stand for each query. */
const COLUMNS = 65_536;

/** A part of the rows, transposed once: `transposeB` at each product is ten times slower with the WASM backend. */
interface Block {
  readonly first: number;
  readonly rows: number;
  /** [dim x rows]; for l2 twice the rows, so that a difference gives the score. */
  readonly columns: Tensor;
  /** Squared norms for l2. */
  readonly bias?: Tensor;
}

type Proposed = Readonly<Record<'values' | 'ids', Tensor>>;

/** Fast passes by TensorFlow.js, in the thread that calls. @param columns rows of one product, at most (smaller in tests) */
export function tfjsPasses(tf: Tensorflow, columns = COLUMNS): FastPassDevice {
  return {
    name: `tfjs-${tf.getBackend()}`,
    columns,
    async open(rows, dim, distance) {
      const blocks = openBlocks(tf, rows, dim, distance, columns);
      return tfjsPass(tf, blocks, dim);
    },
  };
}

function openBlocks(tf: Tensorflow, { data, bias }: PassRows, dim: number, distance: Distance, columns: number): Block[] {
  return Array.from({ length: Math.ceil(bias.length / columns) }, (_, b) => {
    const [first, end] = [b * columns, Math.min(bias.length, (b + 1) * columns)];
    // Copies: some backends keep the array that they are given, which must not be the gallery's shared memory.
    const block = data.slice(first * dim, end * dim);
    if (distance === 'l2') for (let i = 0; i < block.length; i++) block[i] *= 2;
    const transposed = tf.tidy(() => tf.transpose(tf.tensor2d(block, [end - first, dim])));
    const squares = distance === 'l2' ? tf.tensor1d(bias.slice(first, end)) : undefined;
    return { first, rows: end - first, columns: transposed, bias: squares };
  });
}

function tfjsPass(tf: Tensorflow, blocks: readonly Block[], dim: number): FastPass {
  /** The largest of -score in one block, and the rows they belong to. */
  const best = ({ first, rows, columns, bias }: Block, queries: Tensor, count: number) =>
    tf.tidy(() => {
      const products = tf.matMul(queries, columns);
      const { values, indices } = tf.topk(bias ? tf.sub(products, bias) : products, Math.min(count, rows), false);
      return { values, ids: tf.add(indices, tf.scalar(first, 'int32')) };
    });

  /** The largest of two blocks. */
  const merged = (a: Proposed, b: Proposed, count: number) =>
    tf.tidy(() => {
      const all = tf.concat([a.values, b.values], 1);
      const { values, indices } = tf.topk(all, Math.min(count, all.shape[1]), false);
      return { values, ids: tf.gather(tf.concat([a.ids, b.ids], 1), indices, 1, 1) };
    });

  return {
    async propose(queries, rows, count, ids, values) {
      const found = tf.tidy(() => {
        const block = tf.tensor2d(queries.slice(), [rows, dim]);
        return blocks.map((one) => best(one, block, count)).reduce((a, b) => merged(a, b, count));
      });
      try {
        ids.set(await found.ids.data());
        const scores = await found.values.data();
        for (let i = 0; i < scores.length; i++) values[i] = -scores[i];
      } finally {
        found.ids.dispose();
        found.values.dispose();
      }
    },
    async close() {
      for (const { columns, bias } of blocks) {
        columns.dispose();
        bias?.dispose();
      }
    },
  };
}
