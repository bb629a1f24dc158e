import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { firstLine, UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';
import { laidOut, specialTokens, type TokenIds, tokenLayout } from './token-layout.js';
import { mend } from './tokenizer-parts.js';

/** Texts to token ids, as the Python package `tokenizers` gives them for the same file. */
export interface Tokenizer {
  /** The path, for messages. */
  readonly source: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly hash: string;
  /** What stands where a text of a batch has no more tokens. */
  readonly padId: number;
  /** `model_max_length` of a tokenizer_config.json: the tokens that the model was made for. */
  readonly maxLength?: number;
  /** Number of special tokens around one text. */
  readonly special: number;
  /** Number of special tokens around a pair. */
  readonly specialOfPair: number;
  /** The tokens of a text alone: none that are special but those that it spells out, and not cut. */
  tokensOf(text: string): readonly number[];
  /** A text, its end cut so that it has `maxLength` tokens with the special ones, which are kept. */
  encode(text: string, maxLength: number): TokenIds;
  /** Two texts for a cross-encoder, cut to `maxLength` in all: the longer one first, then both to halves ("longest_first"). */
  encodePair(first: string, second: string, maxLength: number): TokenIds;
  /** As `encodePair`, of texts whose tokens are known. */
  pairOf(first: readonly number[], second: readonly number[], maxLength: number): TokenIds;
}

/**
 * Opens a Hugging Face tokenizer.json (and the tokenizer_config.json beside it, where there is one). The truncation and padding that stand in the file are
 * not used: how long texts may be is said with each call.
 * @throws UserError for a file that is not there, is no tokenizer.json, or has parts that are not known to give the ids that Python gives; in `tokensOf`
 * and all others, for a text with a token that has no id
 */
export async function openTokenizer(file: string): Promise<Tokenizer> {
  const [json, hash] = await readObject(file, 'tokenizer');
  if (typeof json.model !== 'object' || !json.model || !('vocab' in json.model))
    throw new UserError(`${file}: not a Hugging Face tokenizer.json: it has no "model" with a "vocab"`);
  const [config] = await readObject(join(dirname(file), 'tokenizer_config.json'), 'configuration of the tokenizer').catch(ifMissing);
  const library = openLibrary(file, json);
  const layout = attempt(file, () => tokenLayout(json.post_processor as JsonObject | null));
  const tokensOf = (text: string) => {
    const { ids } = library.encode(text, { add_special_tokens: false });
    const unknown = ids.findIndex((id) => !Number.isInteger(id));
    if (unknown >= 0) throw new UserError(`${file}: its vocabulary has neither ${shown(text)} nor a token for what is unknown`);
    return ids as readonly number[];
  };
  const pairOf = (first: readonly number[], second: readonly number[], maxLength: number) =>
    laidOut(layout.pair, [first, second], checked(maxLength, specialOfPair, file));
  const [special, specialOfPair] = [specialTokens(layout.single), specialTokens(layout.pair)];
  const { model_max_length: most } = config;
  return {
    source: file,
    hash,
    padId: padIdOf(library, json, config),
    // Hugging Face writes 1e30 for "no limit".
    maxLength: typeof most === 'number' && most < 1e9 ? most : undefined,
    special,
    specialOfPair,
    tokensOf,
    encode: (text, maxLength) => laidOut(layout.single, [tokensOf(text)], checked(maxLength, special, file)),
    encodePair: (first, second, maxLength) => pairOf(tokensOf(first), tokensOf(second), maxLength),
    pairOf,
  };
}

class MissingFile extends UserError {}

function ifMissing(error: Error): [JsonObject] {
  if (error instanceof MissingFile) return [{}];
  throw error;
}

/** What stands in a file, and its hash. */
async function readObject(file: string, what: string): Promise<[JsonObject, hash: string]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new MissingFile(`${file}: there is no such ${what}; it is a file that comes with the model`);
    throw new UserError(`${file}: the ${what} cannot be read (${error.code})`);
  });
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof json === 'object' && json && !Array.isArray(json))
      return [json as JsonObject, createHash('sha256').update(bytes).digest('hex')];
  } catch {
    // Told below.
  }
  throw new UserError(`${file}: the ${what} is not a JSON object`);
}

function attempt<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new UserError(`${file}: not a tokenizer.json that can be used: ${firstLine(error)}`);
  }
}

function openLibrary(file: string, json: JsonObject): Library {
  const { normalizer = null, pre_tokenizer = null, model, added_tokens = [] } = json as Record<string, JsonObject | null>;
  const library = attempt(file, () => {
    // Special tokens are placed by us, and nothing is decoded. Of the configuration only the unknown token of word-level models is read.
    const parts = { normalizer, pre_tokenizer, model, added_tokens, post_processor: null, decoder: null };
    return new Library(parts, { unk_token: model?.unk_token });
  });
  const missing =
    attempt(file, () => mend(library, model ?? {}, normalizer, pre_tokenizer)) ?? missingInModel(model) ?? missingInTokens(added_tokens);
  if (missing) throw new UserError(`${file}: ${missing} is not supported`);
  return library;
}

/** What the library passes over in a model. */
function missingInModel(model: JsonObject | null): string | undefined {
  if (model?.type === 'BPE' && model.continuing_subword_prefix) return 'a BPE model with a continuing_subword_prefix';
  if (model?.type === 'Unigram' && model.byte_fallback) return 'a Unigram model with byte_fallback';
  return model?.dropout ? 'a model with dropout' : undefined;
}

function missingInTokens(tokens: unknown): string | undefined {
  const single = (tokens as { content: string; single_word?: boolean }[]).find((token) => token.single_word);
  return single && `the added token ${JSON.stringify(single.content)}, which is found as a single word only,`;
}

/** As the file pads, or by the name that the padding has in its configuration or usually has; it never matters but to a model without a mask. */
function padIdOf(library: Library, { padding }: JsonObject, { pad_token: token }: JsonObject): number {
  const id = (padding as { pad_id?: number } | null | undefined)?.pad_id;
  const named = typeof token === 'string' ? token : (token as { content?: string } | undefined)?.content;
  const names = [named, '[PAD]', '<pad>'].flatMap((name) => (name === undefined ? [] : (library.token_to_id(name) ?? [])));
  return id ?? names[0] ?? 0;
}

function checked(maxLength: number, special: number, file: string): number {
  if (Number.isInteger(maxLength) && maxLength > special) return maxLength;
  throw new UserError(`${file}: max-length must be an integer of more than its ${special} special tokens, not ${maxLength}`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
