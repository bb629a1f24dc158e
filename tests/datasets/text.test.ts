import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Vector, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { textColumn } from '../../src/data/columns.js';
import type { JsonObject } from '../../src/data/json.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import { modalityOf } from '../../src/datasets/registry.js';
import { textDataset } from '../../src/datasets/text.js';
import { POOLINGS } from '../../src/models/model-spec.js';
import { pool } from '../../src/models/pooling.js';
import { tokenInputs } from '../../src/models/token-feeds.js';
import { openTokenizer } from '../../src/models/tokenizer.js';
import { OnnxSession, type TensorInfo } from '../../src/runtime/onnx-session.js';
import { writeModel } from '../models/graphs.js';
import { tokenGraph, weightOf } from '../models/text-graphs.js';
import { itemTable } from '../support/items.js';
import { hasMinilm, MINILM, minilmCases } from '../support/minilm.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const FIXTURES = join(import.meta.dirname, '../fixtures/text');
copyFileSync(join(FIXTURES, 'bert.json'), join(folder, 'tokenizer.json'));
const sessions: OnnxSession[] = [];
afterAll(() => Promise.all(sessions.map((session) => session.close())));

async function opened(file: string): Promise<OnnxSession> {
  const session = await OnnxSession.open(file, { threads: 1 });
  sessions.push(session);
  return session;
}

const input = (name: string, type = 'int64', shape: (string | number)[] = ['batch', 'tokens']): TensorInfo => ({ name, type, shape });
const BERT = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => input(name));

function open(texts: Vector | readonly (string | null)[], options: JsonObject = {}, inputs: readonly TensorInfo[] = BERT) {
  const column = Array.isArray(texts) ? textColumn(texts) : (texts as Vector);
  return textDataset(itemTable({ text: column }), options, { root: folder, modelFolder: folder, inputs, model: 'm.onnx' });
}

async function feedsOf<Item>(dataset: Dataset<Item>, rows: readonly number[]) {
  return dataset.collate(await Promise.all(rows.map((row) => dataset.load(row))));
}

const plain = (feeds: Awaited<ReturnType<typeof feedsOf>>) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { dims, data }]) => [name, [dims, Array.from<number | bigint, number>(data, Number)]]),
  );

describe('textDataset', () => {
  it('pads the texts of a batch to its longest, and gives each input what it holds', async () => {
    const dataset = await open(['red dress', 'a']);
    expect([dataset.modality, dataset.size]).toEqual(['text', 2]);
    const tokenizer = await openTokenizer(join(folder, 'tokenizer.json'));
    const [long, short] = ['red dress', 'a'].map((text) => tokenizer.encode(text, 99).ids);
    const [n, rest] = [long.length, Array.from({ length: long.length - short.length }, () => 0)];
    expect(plain(await feedsOf(dataset, [0, 1]))).toEqual({
      input_ids: [
        [2, n],
        [...long, ...short, ...rest],
      ],
      attention_mask: [
        [2, n],
        [...long.map(() => 1), ...short.map(() => 1), ...rest],
      ],
      token_type_ids: [[2, n], Array.from({ length: 2 * n }, () => 0)],
    });
    expect(plain(await feedsOf(dataset, [1])).input_ids).toEqual([[1, short.length], short]);
  });

  it('gives only the inputs that the model has, in its type, padded to max-length where that is asked for', async () => {
    const options = { 'max-length': 5, padding: 'max' };
    const dataset = await open(['a', 'red summer dress'], options, [input('input_ids', 'int32'), input('position_ids', 'int32')]);
    const feeds = await feedsOf(dataset, [0, 1]);
    expect(Object.values(feeds).map(({ type, dims }) => [type, dims])).toEqual([
      ['int32', [2, 5]],
      ['int32', [2, 5]],
    ]);
    const { input_ids, position_ids } = plain(feeds);
    expect(position_ids[1]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    // The special tokens of the text that is cut are kept.
    expect([input_ids[1][0], input_ids[1][5], input_ids[1][9]]).toEqual([2, 2, 3]);
  });

  it('follows a model that was exported for one length', async () => {
    const fixed = [input('input_ids', 'int64', ['batch', 7])];
    const dataset = await open(['a', 'red summer dress with short sleeves'], {}, fixed);
    expect((await feedsOf(dataset, [0, 1])).input_ids.dims).toEqual([2, 7]);
    expect(dataset.preparation).toMatchObject({ 'max-length': 7, padding: 'max' });
    await expect(open(['a'], { 'max-length': 8 }, fixed)).rejects.toThrow('m.onnx: max-length 8, but the inputs of m.onnx have 7 tokens');
  });

  it("has defaults from the tokenizer, and OML's where there are none", async () => {
    const longest = async (config: object) => {
      writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
      return (await open(['a'])).preparation['max-length'];
    };
    expect(await longest({ model_max_length: 64 })).toBe(64);
    await expect(open(['a'], { 'max-length': 65 })).rejects.toThrow('max-length 65, but ');
    expect(await longest({ model_max_length: 512 })).toBe(128);
    expect(await longest({})).toBe(128);
    expect((await open(['a'], { 'max-length': 512 })).preparation).toEqual({
      tokenizer: createHash('sha256')
        .update(readFileSync(join(folder, 'tokenizer.json')))
        .digest('hex'),
      'pad-id': 0,
      'max-length': 512,
      padding: 'longest',
    });
  });

  it('hashes and shows a text, long ones cut, and never as HTML', async () => {
    const dataset = await open(['<b>a</b> & "b"', 'é'.repeat(1500), 'a', 'a']);
    expect(await dataset.visualize(0)).toBe('<p>&lt;b&gt;a&lt;/b&gt; &amp; &quot;b&quot;</p>');
    expect(await dataset.visualize(1)).toBe(`<p>${'é'.repeat(500)}… <small>(1,500 characters)</small></p>`);
    const hashes = await Promise.all([0, 1, 2, 3].map((row) => dataset.contentHash(row)));
    expect(hashes[2]).toBe(createHash('sha256').update('a').digest('hex'));
    expect(new Set(hashes).size).toBe(3);
  });

  it('names the row of a text that is not there', async () => {
    const dataset = await open(['a', null, ' \n']);
    for (const ask of [dataset.load, dataset.contentHash, dataset.visualize]) {
      await expect((async () => ask(1))()).rejects.toThrow('items.csv, row 1, column "text": no text; leave the row out');
      await expect((async () => ask(2))()).rejects.toThrow('items.csv, row 2, column "text": an empty text; leave the row out');
    }
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'numbers',
      () => open(vectorFromArray(Int32Array.of(1, 2))),
      'items.csv, column "text": Int32 where texts should be; give a column of strings',
    ],
    [
      'a table without texts',
      () => textDataset(itemTable({ texts: textColumn(['a']) }), {}, { root: '', modelFolder: folder, inputs: BERT, model: 'm' }),
      'items.csv: no column "text" (there are: texts); did you mean "texts"?',
    ],
    [
      'an unknown option',
      () => open(['a'], { max_length: 5 }),
      'm.onnx: unknown option "max_length" of the input; did you mean "max-length"?',
    ],
    ['another padding', () => open(['a'], { padding: 'left' }), 'm.onnx: input.padding: must be longest or max'],
    ['no length', () => open(['a'], { 'max-length': 2.5 }), 'm.onnx: input.max-length: must be a number of tokens'],
    [
      'no room',
      () => open(['a'], { 'max-length': 2 }),
      'm.onnx: max-length must be an integer with room for more than the 2 special tokens, not 2',
    ],
    [
      'no tokenizer',
      () => open(['a'], { tokenizer: 'other.json' }),
      'other.json: there is no such tokenizer; it is a file that comes with the model',
    ],
    [
      'a model of pictures',
      () => open(['a'], {}, [input('image', 'float32', ['batch', 3, 64, 64])]),
      'm.onnx: a model of texts takes input_ids and any of attention_mask, token_type_ids, position_ids, int64 or int32 [batch, tokens], not image float32 [batch, 3, 64, 64]',
    ],
  ])('refuses %s', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message);
  });

  it('is known by its name', () => {
    expect(modalityOf('text').open).toBe(textDataset);
  });
});

describe('texts to embeddings', () => {
  const words = fc.array(fc.constantFrom('red', 'dress', 'summer', 'short sleeves', 'café', '中文', '?'), { minLength: 1, maxLength: 9 });

  it('are what the definition says, in whatever batch, for each pooling', async () => {
    const dim = 3;
    const session = await opened(writeModel(folder, 'tokens.onnx', tokenGraph(dim)));
    const tokenizer = await openTokenizer(join(folder, 'tokenizer.json'));
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 4 }), fc.constantFrom(...POOLINGS), async (all, pooling) => {
        const texts = all.map((one) => one.join(' '));
        const dataset = await open(texts, {}, session.inputs);
        const feeds = await feedsOf(dataset, [...texts.keys()]);
        const { data } = pool(pooling, (await session.run(feeds)).vectors, feeds.attention_mask);
        const wanted = texts.flatMap((text) => {
          const { ids } = tokenizer.encode(text, 128);
          return Array.from({ length: dim }, (_, i) => {
            const weights = ids.map((id) => weightOf(id, i));
            if (pooling === 'cls') return weights[0];
            return Math.fround(pooling === 'max' ? Math.max(...weights) : weights.reduce((sum, x) => sum + x, 0) / weights.length);
          });
        });
        expect([...data]).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(!hasMinilm)('are those of Python: all-MiniLM-L6-v2, which pools itself, one text at a time', async () => {
    const session = await opened(join(MINILM, 'minilm.int8.onnx'));
    const tokenizer = await openTokenizer(join(MINILM, 'tokenizer.json'));
    const { feeds } = tokenInputs('minilm', session.inputs, tokenizer, { maxLength: 256 });
    for (const { text, embedding } of minilmCases()) {
      const [output] = Object.values(await session.run(feeds([tokenizer.encode(text, 256)])));
      expect(output.dims).toEqual([1, 384]);
      const gaps = Array.from(output.data as Float32Array, (x, i) => Math.abs(x - embedding[i]));
      expect(Math.max(...gaps), text.slice(0, 40)).toBeLessThan(1e-4);
    }
  });
});
