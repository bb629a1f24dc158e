// The package has types whose imports do not resolve in ESM ("./core/Tokenizer" without .js): what we use of it.
declare module '@huggingface/tokenizers' {
  export class Normalizer {
    /** What Replace looks for. */
    readonly pattern?: RegExp | null;
    normalize(text: string): string;
  }

  export class SequenceNormalizer extends Normalizer {
    normalizers: (Normalizer | null)[];
  }

  export class PreTokenizer {
    /** Where Split and ByteLevel cut. */
    pattern?: RegExp | null;
    pre_tokenize_text(text: string, options?: { readonly section_index?: number }): string[];
  }

  export class SequencePreTokenizer extends PreTokenizer {
    tokenizers: (PreTokenizer | null)[];
  }

  export class TokenizerModel {
    fuse_unk: boolean;
    readonly tokens_to_ids: ReadonlyMap<string, number>;
    /** The tokens of words. */
    _call(words: readonly string[]): string[];
  }

  export class Tokenizer {
    model: TokenizerModel;
    normalizer: Normalizer | null;
    pre_tokenizer: PreTokenizer | null;
    constructor(json: object, config: object);
    /** An id is undefined for a token that the vocabulary lacks. */
    encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: readonly (number | undefined)[] };
    token_to_id(token: string): number | undefined;
  }
}
