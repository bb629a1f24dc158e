import { basename, dirname } from 'node:path';
import type { Context, ItemTexts } from '../data/context.js';
import { UserError } from '../data/errors.js';
import type { OnnxRunner } from '../runtime/onnx-lanes.js';
import type { Tensor } from '../runtime/onnx-session.js';
import { readModelSpec } from './model-metadata.js';
import type { ModelSpec } from './model-spec.js';
import { batchOf, inRuns, isColumn, type PairOptions, runPairs, withModel } from './pair-runs.js';
import type { Pairs, PairwiseModel } from './pairwise-model.js';
import { Recent } from './recent.js';
import { listed } from './tensor-info.js';
import { type TextInput, textInput } from './text-input.js';
import { type TokenOptions, tokenInputs } from './token-feeds.js';
import { openTokenizer } from './tokenizer.js';

/** The text of a query and that of a gallery item. */
export type TextPair = readonly [query: string, item: string];

export interface TextPairOptions extends PairOptions, TokenOptions {
  /** A Hugging Face tokenizer.json (default: what the model's description says, else that beside the model). */
  readonly tokenizer?: string;
  /** How it takes its texts, where the other options do not say (default: what stands in the file or beside it). */
  readonly spec?: ModelSpec;
  /** What the model gives: a `score` or logit that is higher for texts that belong together (default), whose negative is the distance, or a `distance`. */
  readonly output?: (typeof PAIR_OUTPUTS)[number];
  /** Makes the inputs of the model from the texts of a batch, in place of a tokenizer.json. */
  readonly tokenize?: (pairs: readonly TextPair[]) => Readonly<Record<string, Tensor>> | Promise<Readonly<Record<string, Tensor>>>;
}

const PAIR_OUTPUTS = ['score', 'distance'] as const;

/** The tokens of texts as many as fit into so many bytes are kept: half of them of queries, half of gallery items. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * A cross-encoder as an ONNX file: input_ids and, where it has them, attention_mask and token_type_ids of both texts, int64 or int32 [batch, tokens], and one
 * output [batch] or [batch, 1]. Pairs are batched across queries, and each text is tokenised once while it is among those that were asked for last.
 * With `tokenize` its inputs are whatever that makes.
 * @throws UserError for a model of another form, and for a tokenizer that is not one; in `distances`, when there are no texts, or the model fails
 * @example const model = await openTextPairs('cross-encoder.onnx'); // with cross-encoder's tokenizer.json beside it
 */
export function openTextPairs(file: string, options: TextPairOptions = {}): Promise<PairwiseModel> {
  return withModel(file, options, (session) => textPairs(file, session, options));
}

/** As `openTextPairs`, of a model that is open. */
export async function textPairs(file: string, session: OnnxRunner, options: TextPairOptions): Promise<PairwiseModel> {
  const { bothOrders = false, output: meaning = 'score' } = options;
  const [output] = session.outputs;
  if (!PAIR_OUTPUTS.includes(meaning)) throw new UserError(`${file}: output must be one of ${PAIR_OUTPUTS.join(', ')}, not "${meaning}"`);
  if (session.outputs.length !== 1 || !isColumn(output)) {
    throw new UserError(
      `${file}: a pairwise model of texts has one output [batch] or [batch, 1], of any batch, not ${listed(session.outputs)}`,
    );
  }
  const encode = options.tokenize ? hooked(options.tokenize) : await tokenized(file, session, options);
  const sign = meaning === 'score' ? -1 : 1;
  return {
    name: basename(file),
    needs: ['texts'],
    async distances({ rr, queries, rows }: Pairs, { texts, onPairs }: Context) {
      if (!texts) throw new UserError(`${file} compares texts, and there are none: their tables need a column "text"`);
      const feedsOf = encode(texts);
      return inRuns(
        file,
        rows.length,
        { batchSize: batchOf(session, options), onPairs },
        {
          async prepare(start, end) {
            const places = Array.from({ length: end - start }, (_, i): Place => ({ rr, query: queries[start + i], row: rows[start + i] }));
            const feeds = await Promise.all((bothOrders ? [false, true] : [false]).map((swapped) => feedsOf(places, swapped)));
            return { feeds, count: end - start };
          },
          async run({ feeds, count }) {
            const scores = await Promise.all(feeds.map((one) => runPairs(session, one, output.name, count)));
            // A score of 0 is the distance 0, and not -0.
            return scores[0].map((_, i) => (sign * scores.reduce((sum, values) => sum + values[i], 0)) / scores.length + 0);
          },
        },
      );
    },
    close: () => session.close(),
  };
}

interface Place {
  readonly rr: Pairs['rr'];
  readonly query: number;
  readonly row: number;
}

/** For the texts of both sides: what the model is given for pairs. @param swapped the gallery item stands first */
type Encode = (texts: ItemTexts) => (places: readonly Place[], swapped: boolean) => Promise<Readonly<Record<string, Tensor>>>;

function hooked(tokenize: NonNullable<TextPairOptions['tokenize']>): Encode {
  return (texts) => async (places, swapped) =>
    tokenize(places.map(({ rr, query, row }) => inOrder([texts.query(rr, query), texts.gallery(row)] as const, swapped)));
}

async function tokenized(file: string, session: OnnxRunner, options: TextPairOptions): Promise<Encode> {
  const input = await inputOf(file, options);
  const tokenizer = await openTokenizer(options.tokenizer ?? input.tokenizer);
  const { maxLength: most = input.maxLength, padding = input.padding } = options;
  const { feeds, maxLength } = tokenInputs(file, session.inputs, tokenizer, { maxLength: most, padding }, 'pair');
  const caches = new WeakMap<ItemTexts, { queries: Recent<readonly number[]>; gallery: Recent<readonly number[]> }>();
  const cacheOf = () => new Recent<readonly number[]>(MOST_BYTES / 2, (ids) => 8 * ids.length + 64);
  return (texts) => {
    const cache = caches.get(texts) ?? { queries: cacheOf(), gallery: cacheOf() };
    caches.set(texts, cache);
    return async (places, swapped) =>
      feeds(
        places.map(({ rr, query, row }) => {
          const first = cache.queries.get(rr.rows[query], () => tokenizer.tokensOf(texts.query(rr, query)));
          const second = cache.gallery.get(row, () => tokenizer.tokensOf(texts.gallery(row)));
          const [a, b] = inOrder([first, second] as const, swapped);
          return tokenizer.pairOf(a, b, maxLength);
        }),
      );
  };
}

/** @throws UserError for a description of another modality, or with options that are none */
async function inputOf(file: string, options: TextPairOptions): Promise<TextInput> {
  const { modality = 'text', input = {} } = options.spec ?? (await readModelSpec(file)) ?? {};
  if (modality !== 'text') throw new UserError(`${file}: takes token ids, but is described as a model of the modality ${modality}`);
  return textInput(input, { model: file, folder: dirname(file) });
}

function inOrder<T>([first, second]: readonly [T, T], swapped: boolean): readonly [T, T] {
  return swapped ? [second, first] : [first, second];
}
