import type { Distance } from '../data/matrix.js';
import type { FastPass, FastPassDevice, PassRows } from './fast-pass.js';
import { Candidates } from './order.js';
import type { Tensor, Tensorflow } from './tensorflow.js';

/** Rows of one product: 65,536 x dim floats are one tensor, and 65,536 scores stand for each query. */
const COLUMNS = 65_536;

/** A part of the rows, transposed once: `transposeB` at each product is ten times slower with the WASM backend. */
interface Block<T> {
  readonly first: number;
  readonly rows: number;
  /** [dim x rows]; for l2 twice the rows, so that a difference gives the score. */
  readonly columns: T;
  /** Squared norms for l2, [1 x rows]. */
  readonly bias?: T;
}

/** Fast passes by TensorFlow.js, in the thread that calls. @param columns rows of one product, at most (smaller in tests) */
export function tfjsPasses<T extends Tensor>(tf: Tensorflow<T>, columns = COLUMNS): FastPassDevice {
  return {
    name: `tfjs-${tf.getBackend()}`,
    columns,
    partRows: () => 2 ** 31 - 1,
    async open(rows, dim, distance) {
      const blocks = openBlocks(tf, rows, dim, distance, columns);
      return tfjsPass(tf, blocks, dim);
    },
  };
}

function openBlocks<T extends Tensor>(
  tf: Tensorflow<T>,
  { data, bias }: PassRows,
  dim: number,
  distance: Distance,
  columns: number,
): Block<T>[] {
  return Array.from({ length: Math.ceil(bias.length / columns) }, (_, b) => {
    const [first, end] = [b * columns, Math.min(bias.length, (b + 1) * columns)];
    // Copies: some backends keep the array that they are given, which must not be the gallery's shared memory.
    const block = data.slice(first * dim, end * dim);
    if (distance === 'l2') for (let i = 0; i < block.length; i++) block[i] *= 2;
    const transposed = once(tf.tensor2d(block, [end - first, dim]), (matrix) => tf.transpose(matrix));
    const squares = distance === 'l2' ? tf.tensor2d(bias.slice(first, end), [1, end - first]) : undefined;
    return { first, rows: end - first, columns: transposed, bias: squares };
  });
}

function tfjsPass<T extends Tensor>(tf: Tensorflow<T>, blocks: readonly Block<T>[], dim: number): FastPass {
  /** The largest of -score in one block. */
  const best = ({ rows, columns, bias }: Block<T>, queries: T, count: number) => {
    const top = (scores: T) => tf.topk(scores, Math.min(count, rows), false);
    return once(tf.matMul(queries, columns), (products) => (bias ? once(tf.sub(products, bias), top) : top(products)));
  };

  return {
    async propose(queries, rows, count, ids, values) {
      const lists = Array.from({ length: rows }, () => new Candidates());
      const input = tf.tensor2d(queries.slice(), [rows, dim]);
      try {
        for (const block of blocks) {
          const found = best(block, input, count);
          try {
            add(lists, block.first, await found.indices.data(), await found.values.data());
          } finally {
            found.indices.dispose();
            found.values.dispose();
          }
          for (const list of lists) list.sort(count);
        }
      } finally {
        input.dispose();
      }
      for (const [q, list] of lists.entries()) list.write(ids, values, q * count);
    },
    async close() {
      for (const { columns, bias } of blocks) {
        columns.dispose();
        bias?.dispose();
      }
    },
  };
}

/** Uses a tensor and frees it. */
function once<T extends Tensor, R>(tensor: T, use: (tensor: T) => R): R {
  try {
    return use(tensor);
  } finally {
    tensor.dispose();
  }
}

/** Takes the best of a block, [lists x width], into the lists. */
function add(lists: readonly Candidates[], first: number, positions: ArrayLike<number>, scores: ArrayLike<number>): void {
  const width = positions.length / lists.length;
  lists.forEach((list, q) => {
    list.reserve(width);
    for (let i = q * width; i < (q + 1) * width; i++) list.add(-scores[i], first + positions[i]);
  });
}
