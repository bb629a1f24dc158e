import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textColumn } from '../../src/data/columns.js';
import type { ItemTexts } from '../../src/data/context.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { itemTexts } from '../../src/models/item-texts.js';
import { openPairwise } from '../../src/models/open-pairwise.js';
import type { Pairs, PairwiseModel } from '../../src/models/pairwise-model.js';
import { Recent } from '../../src/models/recent.js';
import { openTextPairs, type TextPair, type TextPairOptions } from '../../src/models/text-pairs.js';
import { openTokenizer, type Tokenizer } from '../../src/models/tokenizer.js';
import type { Graph } from '../../src/runtime/onnx-graph.js';
import { temporaryFolder } from '../support/tables.js';
import { pairGraph, writeModel } from './graphs.js';
import { scoreGraph, scoreOf } from './text-graphs.js';

const folder = temporaryFolder();
const opened: PairwiseModel[] = [];
afterAll(() => Promise.all(opened.map((model) => model.close?.())));

const TOKENIZER = join(import.meta.dirname, '../fixtures/text/bert.json');
copyFileSync(TOKENIZER, join(folder, 'tokenizer.json'));
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await openTokenizer(TOKENIZER);
});

let files = 0;
const written = (graph: Graph) => writeModel(folder, `model-${files++}.onnx`, graph);
async function crossEncoder(graph: Graph, options: TextPairOptions = {}): Promise<PairwiseModel> {
  const model = await openTextPairs(written(graph), { threads: 1, ...options });
  opened.push(model);
  return model;
}

const QUERIES = ['red dress', 'noise-cancelling headphones', 'how do I reset my password?', 'café', 'a'];
const GALLERY = ['red summer dress with short sleeves', 'wireless headphones', 'I forgot my password', '中文', 'dress dress dress', 'x'];
/** Lists of several lengths, one of them empty. */
const lists = [[0, 4, 2], [1], [2, 5, 3, 0], [], [5, 4, 3, 2, 1, 0]];
const rr = RetrievalResults.fromLists({
  retrieved: lists,
  distances: lists.map((rows) => rows.map((_, i) => i)),
  firstRow: 20,
  columns: { text: textColumn(QUERIES) },
});
const pairs: Pairs = {
  rr,
  queries: Int32Array.from(lists.flatMap((rows, q) => rows.map(() => q))),
  rows: Int32Array.from(lists.flat()),
};
const TOTAL = pairs.rows.length;
const texts = () => itemTexts(textColumn(GALLERY));
const ofPairs = (value: (query: string, item: string) => number) =>
  lists.flatMap((rows, q) => rows.map((row) => value(QUERIES[q], GALLERY[row])));
/** The distances that `scoreGraph` stands for. */
const expected = (maxLength = 512, typed = true) => ofPairs((a, b) => -scoreOf(tokenizer.encodePair(a, b, maxLength), typed));
const distances = async (model: PairwiseModel, items: ItemTexts = texts(), onPairs?: (pairs: number) => void) =>
  Array.from(await model.distances(pairs, { texts: items, onPairs }));

describe('a cross-encoder', () => {
  it.each([false, true])('gives each pair the negative of its score, query first, also as a column: %s', async (column) => {
    const model = await crossEncoder(scoreGraph({ column }));
    expect(model).toMatchObject({ needs: ['texts'], name: expect.stringMatching(/^model-\d+\.onnx$/) });
    expect(model.itemShape).toBeUndefined();
    expect(await distances(model)).toEqual(expected());
  });

  it('may give distances, have no types, and take int32', async () => {
    const model = await crossEncoder(scoreGraph({ inputs: ['input_ids', 'attention_mask'], type: 'int32' }), { output: 'distance' });
    expect(await distances(model)).toEqual(expected(512, false).map((distance) => -distance));
  });

  it('averages both orders where it is asked to', async () => {
    const there = expected();
    const back = ofPairs((a, b) => -scoreOf(tokenizer.encodePair(b, a, 512)));
    expect(there).not.toEqual(back);
    expect(await distances(await crossEncoder(scoreGraph(), { bothOrders: true }))).toEqual(there.map((x, i) => (x + back[i]) / 2));
  });

  it('gives the same for every batch size and padding, cut to max-length', async () => {
    const graph = scoreGraph();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: TOTAL + 3 }),
        fc.constantFrom('longest' as const, 'max' as const),
        fc.integer({ min: 4, max: 30 }),
        async (batchSize, padding, maxLength) => {
          const runs: number[] = [];
          const model = await crossEncoder(graph, { batchSize, padding, maxLength });
          expect(await distances(model, texts(), (count) => runs.push(count))).toEqual(expected(maxLength));
          expect(runs.reduce((sum, count) => sum + count, 0)).toBe(TOTAL);
          expect(runs).toHaveLength(Math.ceil(TOTAL / batchSize));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('follows a model that was exported for one length', async () => {
    expect(await distances(await crossEncoder(scoreGraph({ tokens: 9 })))).toEqual(expected(9));
  });

  it('reads each text once while it is among the last', async () => {
    const asked = new Map<string, number>();
    const count = (what: string, text: string) => {
      asked.set(what, (asked.get(what) ?? 0) + 1);
      return text;
    };
    const { query, gallery } = texts();
    const counted: ItemTexts = {
      query: (results, position) => count(`query ${position}`, query(results, position)),
      gallery: (row) => count(`gallery ${row}`, gallery(row)),
    };
    const model = await crossEncoder(scoreGraph(), { batchSize: 2 });
    for (let time = 0; time < 2; time++) expect(await distances(model, counted)).toEqual(expected());
    expect([...asked.values()].every((times) => times === 1)).toBe(true);
    expect(asked.size).toBe(4 + GALLERY.length);
  });

  it('takes what a hook makes of the texts in place of a tokenizer, also for inputs of other names', async () => {
    const seen: TextPair[] = [];
    const lengths = (all: readonly TextPair[]) => Float32Array.from(all, ([a, b]) => a.length - 2 * b.length);
    const graph: Graph = {
      nodes: [{ type: 'Neg', inputs: ['lengths'], outputs: ['score'] }],
      inputs: [{ name: 'lengths', type: 'float32', dims: ['batch'] }],
      outputs: [{ name: 'score', type: 'float32', dims: ['batch'] }],
    };
    const model = await crossEncoder(graph, {
      batchSize: 4,
      tokenize: (all) => {
        seen.push(...all);
        return { lengths: { type: 'float32', data: lengths(all), dims: [all.length] } };
      },
    });
    expect(await distances(model)).toEqual(ofPairs((a, b) => a.length - 2 * b.length));
    expect(seen).toEqual(lists.flatMap((rows, q) => rows.map((row) => [QUERIES[q], GALLERY[row]])));
  });

  it("prefers the texts of the queries' own batch to those of the results", () => {
    const queries = EmbeddingBatch.fromMatrix(
      { data: new Float32Array(5), rows: 5, dim: 1 },
      { text: textColumn(['own', 'b', 'c', 'd', 'e']) },
    );
    expect(texts().query(RetrievalResults.trusted({ ...rr, queries }), 0)).toBe('own');
  });

  it('names the query or item without a text', async () => {
    const model = await crossEncoder(scoreGraph());
    const holes = (gallery: (string | null)[]) => distances(model, itemTexts(textColumn(gallery)));
    await expect(holes([...GALLERY.slice(0, 4), null, 'x'])).rejects.toThrow(
      'gallery item 4 has no text: its value in the column "text" is missing',
    );
    await expect(holes([...GALLERY.slice(0, 4), ' ', 'x'])).rejects.toThrow(
      'gallery item 4 has no text: its value in the column "text" is empty',
    );
    const bare = RetrievalResults.trusted({ ...rr, columns: {} });
    await expect(model.distances({ ...pairs, rr: bare }, { texts: texts() })).rejects.toThrow('query 20 has no text');
    await expect(model.distances(pairs, {})).rejects.toThrow('compares texts, and there are none: their tables need a column "text"');
    expect(() => itemTexts(vectorFromArray(Int32Array.of(1)))).toThrow('the column "text" of the gallery holds Int32, and no texts');
  });

  it('takes its texts as its description says, beside it or given, and as its options say before that', async () => {
    const described = async (spec: unknown, options: TextPairOptions = {}) => {
      const file = written(scoreGraph());
      writeFileSync(file.replace('.onnx', '.yaml'), JSON.stringify(spec));
      const model = await openPairwise(file, { threads: 1 }, options);
      opened.push(model);
      return model;
    };
    copyFileSync(TOKENIZER, join(folder, 'other-name.json'));
    const input = { tokenizer: 'other-name.json', 'max-length': 6, padding: 'max' };
    expect(expected(6)).not.toEqual(expected());
    expect(await distances(await described({ modality: 'text', input }))).toEqual(expected(6));
    expect(await distances(await described({ modality: 'text', input }, { maxLength: 7 }))).toEqual(expected(7));
    const given = await crossEncoder(scoreGraph(), { spec: { modality: 'text', input } });
    expect(await distances(given)).toEqual(expected(6));
    await expect(described({ modality: 'text', input: { tokenizer: 'none.json' } })).rejects.toThrow(
      'none.json: there is no such tokenizer',
    );
    await expect(described({ modality: 'text', input: { length: 6 } })).rejects.toThrow(
      'unknown option "length" of the input (there are: tokenizer, max-length, padding)',
    );
    await expect(described({ modality: 'image' })).rejects.toThrow('takes token ids, but is described as a model of the modality image');
  });

  it('says what is wrong with a model or its tokenizer, in one line', async () => {
    const tokens = { ...scoreGraph(), outputs: [{ name: 'all', type: 'float32' as const, dims: ['batch', 'tokens'] }] };
    const one = (graph: Graph, options: TextPairOptions = {}) => openTextPairs(written(graph), options);
    await expect(one(tokens)).rejects.toThrow(
      'a pairwise model of texts has one output [batch] or [batch, 1], of any batch, not all float32 [batch, tokens]',
    );
    await expect(one(pairGraph({ shape: [3] }))).rejects.toThrow(
      'a model of texts takes input_ids and any of attention_mask, token_type_ids, position_ids',
    );
    await expect(one(scoreGraph(), { tokenizer: join(folder, 'none.json') })).rejects.toThrow(
      'none.json: there is no such tokenizer; it is a file that comes with the model',
    );
    await expect(one(scoreGraph(), { maxLength: 3 })).rejects.toThrow(
      'max-length must be an integer with room for more than the 3 special tokens, not 3',
    );
    await expect(one(scoreGraph(), { maxLength: 9.5 })).rejects.toThrow('special tokens, not 9.5');
    await expect(one(scoreGraph(), { batchSize: 0 })).rejects.toThrow('the batch size must be a positive integer, not 0');
    writeFileSync(join(folder, 'no.onnx'), 'no');
    await expect(openTextPairs(join(folder, 'no.onnx'))).rejects.toThrow('no.onnx: the model cannot be opened on device cpu: ');
  });
});

describe('openPairwise', () => {
  it('tells models of texts from others by their inputs', async () => {
    const models = await Promise.all(
      [scoreGraph(), pairGraph({ shape: [3] }), pairGraph({ shape: [1, 2, 2] })].map((graph) => openPairwise(written(graph))),
    );
    opened.push(...models);
    expect(models.map(({ needs }) => needs)).toEqual([['texts'], ['queries', 'gallery'], ['items']]);
  });

  it('refuses options of texts for others', async () => {
    await expect(openPairwise(written(pairGraph({ shape: [3] })), {}, { maxLength: 9 })).rejects.toThrow(
      'max-length and output are for models of texts, and this one takes x1 float32 [batch, 3], x2 float32 [batch, 3]',
    );
  });
});

describe('Recent', () => {
  it('keeps what was asked for last, up to a weight, and makes the rest anew', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (keys, most) => {
        const recent = new Recent<number>(most, (value) => value);
        let made = 0;
        const get = (key: number) =>
          recent.get(key, () => {
            made++;
            return key + 1;
          });
        let kept: number[] = [];
        for (const key of keys) {
          const before = made;
          expect(get(key)).toBe(key + 1);
          expect(made - before).toBe(kept.includes(key) ? 0 : 1);
          kept = [...kept.filter((other) => other !== key), key];
          while (kept.length > 1 && kept.reduce((sum, other) => sum + other + 1, 0) > most) kept.shift();
        }
      }),
    );
  });
});
