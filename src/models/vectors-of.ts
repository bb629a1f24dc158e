import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import type { Tensor } from '../runtime/onnx-session.js';
import { fromFloat16 } from './float16.js';
import type { Pooling } from './model-spec.js';
import { pool } from './pooling.js';

/**
 * One vector an item, from what a model gives: [batch, dim], or [batch, tokens, dim] where tokens are pooled; float16 comes out as float32.
 * @param rows the items that it was asked for
 * @param pooling how tokens become one vector, where they do; `mask` tells tokens from padding
 * @throws UserError naming the model, for an output of another form
 */
export function vectorsOf(output: Tensor, rows: number, model: string, pooling?: Pooling, mask?: Tensor): Matrix {
  const { type, data, dims } = output;
  if (!isForm(type, dims.length, pooling) || dims[0] !== rows) {
    throw wrongForm(model, `${type} [${dims.join(', ')}] for ${rows} item${rows === 1 ? '' : 's'}`, pooling);
  }
  if (pooling) return pool(pooling, output, mask);
  return { data: type === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array), rows, dim: dims[1] };
}

/** Whether an output can hold the vectors. @param rank number of its sides */
export function isForm(type: string, rank: number, pooling: Pooling | undefined): boolean {
  return (type === 'float32' || type === 'float16') && rank === (pooling ? 3 : 2);
}

/** @param found the output in words */
export function wrongForm(model: string, found: string, pooling: Pooling | undefined): UserError {
  const form = pooling ? `[batch, tokens, dim], where its description says "pooling: ${pooling}"` : '[batch, dim]';
  const advice = pooling
    ? '; where its graph pools itself, leave "pooling" out'
    : '; tokens [batch, tokens, dim] need "pooling: mean", "cls" or "max" in its description';
  return new UserError(`${model}: an extractor gives float32 or float16 ${form}, not ${found}${advice}`);
}
