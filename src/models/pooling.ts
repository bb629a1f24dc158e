import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import type { Tensor } from '../runtime/onnx-session.js';
import { fromFloat16 } from './float16.js';
import type { Pooling } from './model-spec.js';

/** Shorter vectors are divided by this instead of their length, as `torch.nn.functional.normalize` does: a zero vector stays zero. */
const SHORTEST = 1e-12;

/**
 * One vector of the tokens of each item; tokens whose mask is 0 are padding and never matter.
 * `mean` and `max` are taken value by value, `cls` is the first token. Sums are float64, rounded once to float32. Formulas: Reimers, Gurevych,
 * "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks", EMNLP 2019.
 * @param output float32 or float16 [batch, tokens, dim]
 * @param mask [batch, tokens], 1 for a token and 0 for padding; undefined: there is no padding
 * @returns [batch, dim]
 * @throws UserError for tensors of other shapes, and for an item that is padding alone
 */
export function pool(pooling: Pooling, output: Tensor, mask: Tensor | undefined): Matrix {
  const [rows, tokens, dim] = output.dims;
  if (output.dims.length !== 3 || (output.type !== 'float32' && output.type !== 'float16')) {
    throw new UserError(
      `${pooling} pooling takes float32 or float16 [batch, tokens, dim], and the model gives ${output.type} [${output.dims.join(', ')}]`,
    );
  }
  if (mask && (mask.dims.length !== 2 || mask.dims[0] !== rows || mask.dims[1] !== tokens)) {
    throw new UserError(
      `${pooling} pooling of [${output.dims.join(', ')}] takes a mask [${rows}, ${tokens}], not [${mask.dims.join(', ')}]`,
    );
  }
  const values = output.type === 'float16' ? fromFloat16(output.data as Uint16Array) : (output.data as Float32Array);
  const data = new Float32Array(rows * dim);
  const sums = new Float64Array(dim);
  for (let row = 0; row < rows; row++) {
    const kept: Float32Array[] = [];
    for (let t = row * tokens; t < (row + 1) * tokens; t++) {
      if (!mask || Number(mask.data[t]) !== 0) kept.push(values.subarray(t * dim, (t + 1) * dim));
    }
    if (kept.length === 0) throw new UserError(`item ${row} of the batch has no tokens to take the ${pooling} of`);
    sums.set(kept[0]);
    for (const token of pooling === 'cls' ? [] : kept.slice(1)) {
      for (let i = 0; i < dim; i++) sums[i] = pooling === 'max' ? Math.max(sums[i], token[i]) : sums[i] + token[i];
    }
    for (let i = 0; i < dim; i++) data[row * dim + i] = pooling === 'mean' ? sums[i] / kept.length : sums[i];
  }
  return { data, rows, dim };
}

/** Vectors at length 1, of the same directions; lengths are float64, and at least 1e-12, so that a zero vector stays as it is. */
export function normaliseRows({ data, rows, dim }: Matrix): Matrix {
  const out = new Float32Array(rows * dim);
  for (let start = 0; start < out.length; start += dim) {
    let squares = 0;
    for (let i = start; i < start + dim; i++) squares += data[i] * data[i];
    const length = Math.max(Math.sqrt(squares), SHORTEST);
    for (let i = start; i < start + dim; i++) out[i] = data[i] / length;
  }
  return { data: out, rows, dim };
}
