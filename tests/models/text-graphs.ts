import type { Graph, Node, TensorType } from '../../src/runtime/onnx-graph.js';

/*
 * Models of texts with a meaning that can be computed by hand: every token has weights of its own, multiples of 1/8.
 */

export const VOCABULARY = 400;

/** Weight `i` of a token. */
export function weightOf(id: number, i = 0): number {
  return (((id + 1) * 37 + (i + 1) * 53) % 101) / 8 - 6;
}

interface TextGraph {
  /** Default: input_ids and attention_mask. */
  readonly inputs?: readonly string[];
  readonly type?: TensorType;
  /** Tokens of every text, where the model is for one length. */
  readonly tokens?: number;
}

const given = ({ inputs = ['input_ids', 'attention_mask'], type = 'int64', tokens }: TextGraph) =>
  inputs.map((name) => ({ name, type, dims: ['batch', tokens ?? 'tokens'] }));

/** The weights of each token: output [batch, tokens, dim]. The mask has no part in it. */
export function tokenGraph(dim: number, options: TextGraph = {}): Graph {
  const weights = Float32Array.from({ length: VOCABULARY * dim }, (_, at) => weightOf(Math.floor(at / dim), at % dim));
  return {
    nodes: [
      { type: 'Reshape', inputs: ['weights', 'shape'], outputs: ['table'] },
      { type: 'Gather', inputs: ['table', 'input_ids'], outputs: ['vectors'] },
    ],
    constants: [
      { name: 'weights', values: weights },
      { name: 'shape', values: BigInt64Array.of(BigInt(VOCABULARY), BigInt(dim)) },
    ],
    inputs: given(options),
    outputs: [{ name: 'vectors', type: 'float32', dims: ['batch', options.tokens ?? 'tokens', dim] }],
  };
}

/** A cross-encoder: the sum of the first weights of all tokens that are no padding, those of the second text counted twice. [batch] or [batch, 1]. */
export function scoreGraph({ column = false, ...options }: TextGraph & { readonly column?: boolean } = {}): Graph {
  const inputs = options.inputs ?? ['input_ids', 'attention_mask', 'token_type_ids'];
  const typed = inputs.includes('token_type_ids');
  const cast = (name: string, to: string): Node => ({ type: 'Cast', inputs: [name], outputs: [to], attributes: { to: 1 } });
  return {
    nodes: [
      { type: 'Gather', inputs: ['weights', 'input_ids'], outputs: ['all'] },
      cast('attention_mask', 'mask'),
      { type: 'Mul', inputs: ['all', 'mask'], outputs: [typed ? 'seen' : 'counted'] },
      ...(typed
        ? [
            cast('token_type_ids', 'second'),
            { type: 'Add', inputs: ['second', 'one'], outputs: ['times'] },
            { type: 'Mul', inputs: ['seen', 'times'], outputs: ['counted'] },
          ]
        : []),
      { type: 'ReduceSum', inputs: ['counted', 'axis'], outputs: ['score'], attributes: { keepdims: column ? 1 : 0 } },
    ],
    constants: [
      { name: 'weights', values: Float32Array.from({ length: VOCABULARY }, (_, id) => weightOf(id)) },
      { name: 'one', values: Float32Array.of(1), dims: [] },
      { name: 'axis', values: BigInt64Array.of(1n) },
    ],
    inputs: given({ ...options, inputs }),
    outputs: [{ name: 'score', type: 'float32', dims: column ? ['batch', 1] : ['batch'] }],
  };
}

/** What `scoreGraph` computes. */
export function scoreOf({ ids, types }: { readonly ids: readonly number[]; readonly types: readonly number[] }, typed = true): number {
  return ids.reduce((sum, id, i) => sum + weightOf(id) * (typed ? 1 + types[i] : 1), 0);
}
