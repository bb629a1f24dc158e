import type { Normalizer, PreTokenizer, Tokenizer, TokenizerModel } from '@huggingface/tokenizers';
import { SequenceNormalizer, SequencePreTokenizer } from '@huggingface/tokenizers';
import type { JsonObject } from '../data/json.js';
import { charMap } from './char-map.js';

/*
 * Where @huggingface/tokenizers (0.2) gives other ids than the Python package `tokenizers`, which models were trained with. What is not listed here was
 * compared over all of Unicode and is the same, but for characters that the tables of the Python package (Unicode 8) do not know yet.
 */

/** A part of a tokenizer.json: its `type` and its options. */
type Part = JsonObject | null | undefined;
type Rewrite = (text: string) => string;
/** `section_index`: 0 at the start of a text, more behind a special token. */
type Cut = (text: string, place?: { readonly section_index?: number }) => string[];

/** As `tokenizers` does, without the rule for a sigma at the end of a word. */
const lower: Rewrite = (text) =>
  text
    .split('Σ')
    .map((piece) => piece.toLowerCase())
    .join('σ');

/** The ranges of `tokenizers`, planes beyond the first included. */
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bert({ clean_text: clean, handle_chinese_chars: chinese, strip_accents: strip, lowercase }: JsonObject): Rewrite {
  return (text) => {
    let out = text;
    if (clean) out = out.replace(/(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu, '').replace(/\p{White_Space}/gu, ' ');
    if (chinese) out = out.replace(CHINESE, ' $& ');
    if (strip ?? lowercase) out = out.normalize('NFD').replace(/\p{Mn}/gu, '');
    return lowercase ? lower(out) : out;
  };
}

function trimmed({ strip_left: left, strip_right: right }: JsonObject): Rewrite {
  return (text) => {
    const from = left ? text.replace(/^\p{White_Space}+/u, '') : text;
    return right ? from.replace(/\p{White_Space}+$/u, '') : from;
  };
}

const matches =
  (pattern: RegExp): Cut =>
  (text) =>
    text.match(pattern) ?? [];

/** What stands between the matches: `text.split` would give the groups of the pattern too. */
const between =
  (pattern: RegExp): Cut =>
  (text) => {
    const found = [...text.matchAll(pattern)];
    const starts = [0, ...found.map(({ index, 0: match }) => index + match.length)];
    return starts.map((start, i) => text.slice(start, found[i]?.index)).filter((piece) => piece !== '');
  };

/** The words of GPT-2 (encoder.py of https://github.com/openai/gpt-2), with the white space of Unicode: `\s` has U+FEFF in it, and not U+0085. */
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const PUNCTUATION = '\\p{P}!-/:-@\\[-`{-~';

/** Where a text is cut around punctuation: alone each, or removed. */
function punctuation({ behavior = 'Isolated' }: JsonObject): Cut | undefined {
  if (behavior === 'Isolated') return matches(new RegExp(`[^${PUNCTUATION}]+|[${PUNCTUATION}]`, 'gu'));
  return behavior === 'Removed' ? matches(new RegExp(`[^${PUNCTUATION}]+`, 'gu')) : undefined;
}

/** The mark of a space stands before a word, and a word begins at each. Older files say `add_prefix_space` in place of a scheme. */
function metaspace({ replacement = '▁', split = true, add_prefix_space: prefix = true, prepend_scheme }: JsonObject): Cut {
  const mark = String(replacement);
  const scheme = prepend_scheme ?? (prefix ? 'always' : 'never');
  const words = new RegExp(`${mark}[^${mark}]*|[^${mark}]+`, 'gu');
  return (text, place) => {
    const marked = text.replaceAll(' ', mark);
    const prepend = !marked.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && place?.section_index === 0));
    const whole = prepend ? mark + marked : marked;
    return split ? (whole.match(words) ?? []) : [whole];
  };
}

/** By type: another function, or `true` where the library's is right; `undefined` from a function refuses its options. */
const NORMALISERS: Readonly<Record<string, true | ((part: JsonObject, given: Normalizer) => Rewrite)>> = {
  BertNormalizer: bert,
  Lowercase: () => lower,
  Strip: trimmed,
  StripAccents: true,
  NFC: true,
  NFD: true,
  NFKC: true,
  NFKD: true,
  Prepend: true,
  // As it stands: to replaceAll "$1" would be a group.
  Replace:
    ({ content = '' }, { pattern }) =>
    (text) =>
      pattern ? text.replaceAll(pattern, () => String(content)) : text,
  Precompiled: ({ precompiled_charsmap: map }) => (map ? charMap(String(map)) : (text) => text),
};
const PRE_TOKENIZERS: Readonly<Record<string, true | ((part: JsonObject, given: PreTokenizer) => Cut | true | undefined)>> = {
  BertPreTokenizer: () => matches(new RegExp(`[^\\p{White_Space}${PUNCTUATION}]+|[${PUNCTUATION}]`, 'gu')),
  Whitespace: () => {
    const word = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';
    return matches(new RegExp(`[${word}]+|[^${word}\\p{White_Space}]+`, 'gu'));
  },
  WhitespaceSplit: () => matches(/\P{White_Space}+/gu),
  Digits: ({ individual_digits: single }) => matches(single ? /\P{N}+|\p{N}/gu : /\P{N}+|\p{N}+/gu),
  Punctuation: punctuation,
  Metaspace: metaspace,
  ByteLevel(_, given) {
    given.pattern = GPT2;
    return true;
  },
  Split({ behavior, invert }, { pattern }) {
    if (behavior === 'Removed') return pattern && !invert ? between(pattern) : true;
    return behavior === 'Isolated' && !invert ? true : undefined;
  },
};

/**
 * Makes the parts of a tokenizer do what the Python package does. The parameters behind it are `model`, `normalizer` and `pre_tokenizer` of the
 * tokenizer.json.
 * @returns what is in the way: a part that neither the library nor this file does as Python does
 */
export function mend(tokenizer: Tokenizer, model: JsonObject, normaliser: Part, preTokenizer: Part): string | undefined {
  mendModel(tokenizer.model, model);
  return mendNormaliser(normaliser, tokenizer.normalizer) ?? mendPreTokenizer(preTokenizer, tokenizer.pre_tokenizer);
}

/** Unknown tokens of one word are fused, not those of words behind each other. What has no token leaves its word before pairs are merged, not after. */
function mendModel(model: TokenizerModel, part: JsonObject): void {
  const whole = model._call.bind(model);
  if (model.fuse_unk) model._call = (words) => words.flatMap((word) => whole([word]));
  if (part.type !== 'BPE' || part.unk_token != null || part.byte_fallback || part.end_of_word_suffix) return;
  const known = (word: string) => Array.from(word).filter((one) => model.tokens_to_ids.has(one));
  model._call = (words) => whole(words.map((word) => known(word).join('')));
}

function mendNormaliser(part: Part, given: Normalizer | null): string | undefined {
  if (!part || !given) return undefined;
  if (given instanceof SequenceNormalizer) return firstOf(part.normalizers, given.normalizers, mendNormaliser);
  const known = NORMALISERS[String(part.type)];
  if (typeof known === 'function') given.normalize = known(part, given);
  return known ? undefined : `normalizer ${part.type}`;
}

function mendPreTokenizer(part: Part, given: PreTokenizer | null): string | undefined {
  if (!part || !given) return undefined;
  if (given instanceof SequencePreTokenizer) return firstOf(part.pretokenizers, given.tokenizers, mendPreTokenizer);
  const known = PRE_TOKENIZERS[String(part.type)];
  const cut = typeof known === 'function' ? known(part, given) : known;
  if (typeof cut === 'function') given.pre_tokenize_text = cut;
  return cut ? undefined : `pre-tokenizer ${JSON.stringify(part)}`;
}

function firstOf<T>(parts: unknown, given: readonly T[], mendOne: (part: Part, one: T) => string | undefined): string | undefined {
  for (const [i, part] of (parts as Part[]).entries()) {
    const missing = mendOne(part, given[i]);
    if (missing) return missing;
  }
  return undefined;
}
