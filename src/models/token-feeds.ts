import { UserError } from '../data/errors.js';
import type { Tensor, TensorInfo } from '../runtime/onnx-session.js';
import { listed } from './tensor-info.js';
import type { TokenIds } from './token-layout.js';
import type { Tokenizer } from './tokenizer.js';

/** Longest texts where neither the model's description nor its tokenizer says: OML's; and longest pairs: what cross-encoders on BERT have. */
const MAX_LENGTH = { single: 128, pair: 512 };

/** How much of a text the model sees, and how the texts of a batch are made equally long. */
export interface TokenOptions {
  /** Tokens of the longest text, special ones included; default: what the model's inputs and its tokenizer allow, at most 128, or 512 for a pair. */
  readonly maxLength?: number;
  /** To the longest text of the batch (default), or always to `maxLength`, as OML does. */
  readonly padding?: 'longest' | 'max';
}

/** Token ids to the inputs of one model. */
export interface TokenInputs {
  /** Tokens of the longest text. */
  readonly maxLength: number;
  readonly padding: 'longest' | 'max';
  /** The texts of a batch as the model takes them, each input [batch, tokens]; padding stands behind the tokens. */
  feeds(batch: readonly TokenIds[]): Record<string, Tensor>;
}

/** What stands in an input for a token and for padding, by the names that Hugging Face's models have. */
const INPUTS: Readonly<Record<string, (tokens: TokenIds, at: number, padId: number) => number>> = {
  input_ids: ({ ids }, at, padId) => ids[at] ?? padId,
  attention_mask: ({ ids }, at) => (at < ids.length ? 1 : 0),
  token_type_ids: ({ types }, at) => types[at] ?? 0,
  position_ids: (_, at) => at,
};

const TYPES: readonly string[] = ['int64', 'int32'];

/** Whether these are the inputs of a model of texts. */
export function takesTokens(inputs: readonly TensorInfo[]): boolean {
  const known = inputs.every(({ name, type, shape }) => name in INPUTS && TYPES.includes(type) && shape.length === 2);
  return known && inputs.some(({ name }) => name === 'input_ids');
}

/**
 * @param model names the model, for messages
 * @param form what stands in a sequence: one text (default), or a pair
 * @throws UserError for a model that takes no tokens, for a longest text that its inputs or its tokenizer do not have, and for one without room for a text
 */
export function tokenInputs(
  model: string,
  inputs: readonly TensorInfo[],
  tokenizer: Tokenizer,
  options: TokenOptions = {},
  form: 'single' | 'pair' = 'single',
): TokenInputs {
  if (!takesTokens(inputs)) {
    throw new UserError(
      `${model}: a model of texts takes input_ids and any of ${others()}, int64 or int32 [batch, tokens], not ${listed(inputs)}`,
    );
  }
  // A model that was exported for one length takes no other.
  const fixed = inputs.flatMap(({ shape: [, tokens] }) => (typeof tokens === 'number' ? [tokens] : []))[0];
  const most = Math.min(fixed ?? Number.POSITIVE_INFINITY, tokenizer.maxLength ?? Number.POSITIVE_INFINITY);
  const { maxLength = Math.min(MAX_LENGTH[form], most), padding = 'longest' } = options;
  const special = form === 'pair' ? tokenizer.specialOfPair : tokenizer.special;
  if (!Number.isInteger(maxLength) || maxLength <= special) {
    throw new UserError(`${model}: max-length must be an integer with room for more than the ${special} special tokens, not ${maxLength}`);
  }
  if (maxLength > most) {
    const whose = most === fixed ? `the inputs of ${model} have ${fixed} tokens` : `${tokenizer.source} is for ${most} tokens at most`;
    throw new UserError(`${model}: max-length ${maxLength}, but ${whose}`);
  }
  const lengthOf = (batch: readonly TokenIds[]) =>
    fixed ?? (padding === 'max' ? maxLength : batch.reduce((longest, { ids }) => Math.max(longest, ids.length), 0));
  return {
    maxLength,
    padding: fixed === undefined ? padding : 'max',
    feeds(batch) {
      const length = lengthOf(batch);
      return Object.fromEntries(inputs.map(({ name, type }) => [name, filled(type, batch, length, INPUTS[name], tokenizer.padId)]));
    },
  };
}

function others(): string {
  return Object.keys(INPUTS).slice(1).join(', ');
}

function filled(
  type: string,
  batch: readonly TokenIds[],
  length: number,
  value: (tokens: TokenIds, at: number, padId: number) => number,
  padId: number,
): Tensor {
  const dims = [batch.length, length];
  const at = (index: number) => value(batch[Math.floor(index / length)], index % length, padId);
  if (type === 'int32') return { type, data: Int32Array.from({ length: batch.length * length }, (_, index) => at(index)), dims };
  const data = new BigInt64Array(batch.length * length);
  for (let index = 0; index < data.length; index++) data[index] = BigInt(at(index));
  return { type: 'int64', data, dims };
}
