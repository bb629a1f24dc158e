import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charMap } from '../../src/models/char-map.js';
import { openTokenizer } from '../../src/models/tokenizer.js';
import { hasMinilm, MINILM, minilmCases } from '../support/minilm.js';
import { temporaryFolder } from '../support/tables.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/text');
const KINDS = ['bert', 'bert-cased', 'roberta', 'unigram', 'sentencepiece', 'words', 'whitespace'] as const;
const kind = (name: string) => join(FIXTURES, `${name}.json`);
const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

interface Reference {
  readonly texts: readonly string[];
  readonly pairs: readonly (readonly [string, string])[];
  /** By the character map of `sentencepiece`. */
  readonly mapped: readonly string[];
  readonly kinds: Readonly<
    Record<string, { whole: number[][]; cut: number[][]; pairs: { length: number; ids: number[]; types: number[] }[] }>
  >;
}
const reference: Reference = JSON.parse(readFileSync(join(FIXTURES, 'reference.json'), 'utf8'));

describe('openTokenizer', () => {
  it.each(KINDS)('gives the ids of the Python package: %s', async (name) => {
    const tokenizer = await openTokenizer(kind(name));
    const { whole, cut, pairs } = reference.kinds[name];
    for (const [i, text] of reference.texts.entries()) {
      expect(tokenizer.encode(text, 1000).ids, JSON.stringify(text)).toEqual(whole[i]);
      expect(tokenizer.encode(text, 9).ids, JSON.stringify(text)).toEqual(cut[i]);
    }
    for (const [i, [first, second]] of reference.pairs.entries()) {
      const { length, ...wanted } = pairs[i];
      expect(tokenizer.encodePair(first, second, length), JSON.stringify([first, second, length])).toEqual(wanted);
    }
  });

  it('maps characters as the Python package does', () => {
    const { normalizer } = JSON.parse(readFileSync(kind('sentencepiece'), 'utf8'));
    const map = charMap(normalizer.precompiled_charsmap);
    expect(reference.texts.map(map)).toEqual(reference.mapped);
    expect(reference.mapped.filter((text, i) => text !== reference.texts[i]).length).toBeGreaterThan(20);
  });

  it.skipIf(!hasMinilm)('gives the ids of the Python package: all-MiniLM-L6-v2', async () => {
    const tokenizer = await openTokenizer(join(MINILM, 'tokenizer.json'));
    expect(minilmCases()).toHaveLength(16);
    for (const { text, input_ids } of minilmCases()) expect(tokenizer.encode(text, 256).ids, text).toEqual(input_ids);
  });

  const level = (vocab: object, parts: object) => ({ model: { type: 'WordLevel', vocab, unk_token: '?' }, ...parts });
  const split = (pattern: object) => ({ pre_tokenizer: { type: 'Split', pattern, behavior: 'Removed', invert: false } });
  const bytes = { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true } };
  // Ids of tokenizers 0.23.
  it.each<[string, object, string, number[]]>([
    [
      'replaces by a text with a dollar',
      level({ '?': 0, $1x: 1 }, { normalizer: { type: 'Replace', pattern: { Regex: '(\\d)' }, content: '$1x' } }),
      '5',
      [1],
    ],
    ['removes a text between words', level({ '?': 0, a: 1, b: 2 }, split({ String: '.' })), 'a..b.', [1, 2]],
    ['removes a pattern with groups', level({ '?': 0, a: 1, b: 2 }, split({ Regex: '(-)+' })), '-a--b', [1, 2]],
    ['ends words of bytes at U+0085', level({ '?': 0, '.': 1, Âħ: 2 }, bytes), '.\u0085', [1, 2]],
    ['ends no words of bytes at U+FEFF', level({ '?': 0, 'Ġï»¿': 1 }, bytes), ' \ufeff', [1]],
    ['merges around what has no token', { model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] } }, 'a☃b', [2]],
  ])('%s as the Python package does', async (_, json, text, ids) => {
    writeFileSync(at('part.json'), JSON.stringify({ version: '1.0', added_tokens: [], ...json }));
    expect((await openTokenizer(at('part.json'))).tokensOf(text)).toEqual(ids);
  });

  const text = fc
    .array(fc.oneof(fc.constantFrom(...reference.texts), fc.string({ unit: 'grapheme' })), { maxLength: 4 })
    .map((parts) => parts.join(' '));
  const lengths = fc.integer({ min: 5, max: 40 });

  it('cuts texts at their ends and keeps the special tokens', async () => {
    const tokenizer = await openTokenizer(kind('bert'));
    fc.assert(
      fc.property(text, lengths, (one, length) => {
        const tokens = tokenizer.tokensOf(one);
        const { ids, types } = tokenizer.encode(one, length);
        expect(ids).toEqual([2, ...tokens.slice(0, length - 2), 3]);
        expect(types).toEqual(ids.map(() => 0));
      }),
    );
  });

  it('cuts the longer one of a pair, and both to halves where both are long; no token is given away', async () => {
    const tokenizer = await openTokenizer(kind('bert'));
    fc.assert(
      fc.property(text, text, lengths, (first, second, length) => {
        const [a, b] = [first, second].map((one) => tokenizer.tokensOf(one));
        const { ids, types } = tokenizer.encodePair(first, second, length);
        expect(ids).toHaveLength(Math.min(length, a.length + b.length + 3));
        const kept = types.indexOf(1) === -1 ? ids.length : types.indexOf(1);
        const [ofA, ofB] = [kept - 2, ids.length - kept - 1];
        expect(ids).toEqual([2, ...a.slice(0, ofA), 3, ...b.slice(0, ofB), 3]);
        const half = Math.floor((length - 3) / 2);
        expect(ofA).toBeGreaterThanOrEqual(Math.min(a.length, half));
        expect(ofB).toBeGreaterThanOrEqual(Math.min(b.length, half));
      }),
    );
  });

  it('takes the padding and the longest text of the model from what stands beside it', async () => {
    const json = JSON.parse(readFileSync(kind('roberta'), 'utf8'));
    const open = async (config?: object) => {
      writeFileSync(at('tokenizer.json'), JSON.stringify(json));
      writeFileSync(at('tokenizer_config.json'), JSON.stringify(config ?? {}));
      return openTokenizer(at('tokenizer.json'));
    };
    expect(await open()).toMatchObject({ padId: 1, maxLength: undefined, special: 2, specialOfPair: 4 });
    expect(await open({ pad_token: '</s>', model_max_length: 512 })).toMatchObject({ padId: 2, maxLength: 512 });
    expect(await open({ pad_token: { content: '<unk>' }, model_max_length: 1e30 })).toMatchObject({ padId: 3, maxLength: undefined });
    json.padding = { pad_id: 4 };
    expect(await open()).toMatchObject({ padId: 4 });
    writeFileSync(at('tokenizer_config.json'), '[]');
    await expect(openTokenizer(at('tokenizer.json'))).rejects.toThrow(
      'tokenizer_config.json: the configuration of the tokenizer is not a JSON object',
    );
    // The tests below open others in this folder.
    writeFileSync(at('tokenizer_config.json'), '{}');
  });

  const bert = JSON.parse(readFileSync(kind('bert'), 'utf8'));
  it.each<[string, string, string]>([
    ['no JSON', 'PK\u0003\u0004', 'the tokenizer is not a JSON object'],
    ['another JSON', '{"hidden_size": 384}', 'not a Hugging Face tokenizer.json: it has no "model" with a "vocab"'],
    ['an unknown model', JSON.stringify({ ...bert, model: { type: 'WordPiece', vocab: null } }), 'not a tokenizer.json that can be used: '],
    [
      'an unknown normalizer',
      JSON.stringify({ ...bert, normalizer: { type: 'Nmt' } }),
      'not a tokenizer.json that can be used: Unknown Normalizer type: Nmt',
    ],
    [
      'a pre-tokenizer with an option that the library passes over',
      JSON.stringify({ ...bert, pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Punctuation', behavior: 'Contiguous' }] } }),
      'pre-tokenizer {"type":"Punctuation","behavior":"Contiguous"} is not supported',
    ],
    [
      'a character map that is none',
      JSON.stringify({ ...bert, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AA' } }),
      'not a tokenizer.json that can be used: ',
    ],
    ['a post-processor', JSON.stringify({ ...bert, post_processor: { type: 'Other' } }), 'a post_processor Other is not known'],
    [
      'tokens that are single words',
      JSON.stringify({ ...bert, added_tokens: [{ id: 2, content: '[CLS]', single_word: true }] }),
      'the added token "[CLS]", which is found as a single word only, is not supported',
    ],
    [
      'bytes in place of what Unigram does not know',
      JSON.stringify({ ...bert, model: { type: 'Unigram', vocab: [['?', 0]], unk_id: 0, byte_fallback: true } }),
      'a Unigram model with byte_fallback is not supported',
    ],
    ['dropout', JSON.stringify({ ...bert, model: { ...bert.model, dropout: 0.1 } }), 'a model with dropout is not supported'],
  ])('refuses %s in one line', async (_, content, message) => {
    writeFileSync(at('other.json'), content);
    const { message: line } = await openTokenizer(at('other.json')).catch((error) => error);
    expect(line).toContain(`${at('other.json')}: `);
    expect(line).toContain(message);
    expect(line).not.toContain('\n');
  });

  it('refuses a file that is not there, texts that no token stands for, and lengths without room for a text', async () => {
    await expect(openTokenizer(at('nothere.json'))).rejects.toThrow(
      `${at('nothere.json')}: there is no such tokenizer; it is a file that comes with the model`,
    );
    const { vocab } = bert.model;
    writeFileSync(at('known.json'), JSON.stringify({ ...bert, added_tokens: [], model: { ...bert.model, unk_token: '[NONE]', vocab } }));
    const known = await openTokenizer(at('known.json'));
    expect(() => known.encode('red ☃', 9)).toThrow('known.json: its vocabulary has neither "red ☃" nor a token for what is unknown');
    expect(() => known.encode('red', 2)).toThrow('max-length must be an integer of more than its 2 special tokens, not 2');
    expect(() => known.encodePair('red', 'red', 3)).toThrow('max-length must be an integer of more than its 3 special tokens, not 3');
  });
});
