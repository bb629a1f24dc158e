import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runEvaluate, runPostprocess, runSearch } from '../../pipelines/index.js';
import { UserError } from '../../src/data/errors.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { openTokenizer } from '../../src/models/tokenizer.js';
import { collect } from '../io/support.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { scoreGraph, scoreOf } from '../models/text-graphs.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, random, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const TOKENIZER = join(import.meta.dirname, '../fixtures/text/bert.json');

const { vectors, label } = clusters(45, 5, 4, 3);
const isQuery = label.map((_, row) => row % 3 !== 0);
const isGallery = label.map((_, row) => row % 3 !== 1);
const where = (flags: boolean[]) => flags.flatMap((flag, row) => (flag ? [row] : []));
const next = random(3);
const WORDS = ['red', 'dress', 'summer', 'headphones', 'password', 'café', '中文', 'my', '?'];
const text = label.map(() => Array.from({ length: 1 + Math.floor(next() * 6) }, () => WORDS[Math.floor(next() * WORDS.length)]).join(' '));

beforeAll(async () => {
  copyFileSync(TOKENIZER, at('tokenizer.json'));
  writeModel(folder, 'texts.onnx', scoreGraph());
  writeModel(folder, 'vectors.onnx', pairGraph({ shape: [4] }));
  const flags = { is_query: isQuery, is_gallery: isGallery };
  await writeTable(at('items.parquet'), embeddingTable(vectors, { label, text, ...flags }));
  await writeTable(at('bare.parquet'), embeddingTable(vectors, { label, title: text }));
  await writeTable(at('numbers.parquet'), embeddingTable(vectors, { label, text: label }));
  await writeTable(at('holes.parquet'), embeddingTable(vectors, { label, text: text.map((one, row) => (row === 7 ? null : one)) }));
});

async function saved(file: string): Promise<RetrievalResults> {
  return RetrievalResults.concat(await collect(readRetrieval(at(file))));
}

describe('re-ranking by a cross-encoder of texts', () => {
  const items = at('items.parquet');
  const options = { metrics: 'cmc@1,map@10', with: [`rerank:${at('texts.onnx')},batch=7,max-length=11@4`] };

  it('orders the first by the model, in evaluate', async () => {
    const tokenizer = await openTokenizer(TOKENIZER);
    await runEvaluate({ items, k: 9, batch: 8, device: 'cpu', results: at('before.arrow') });
    const { postprocess } = await runEvaluate({ items, k: 9, batch: 8, device: 'cpu', ...options, results: at('after.arrow') });
    expect(postprocess[0].params).toEqual({ model: 'texts.onnx', topN: 4, 'max-length': 11 });
    const [before, after] = [await saved('before.arrow'), await saved('after.arrow')];
    const [queries, gallery] = [where(isQuery), where(isGallery)];
    let moved = 0;
    for (let q = 0; q < before.length; q++) {
      const score = (row: number) => scoreOf(tokenizer.encodePair(text[queries[q]], text[gallery[row]], 11));
      const rows = [...before.retrievedIds(q)];
      const first = rows.slice(0, 4).sort((a, b) => score(b) - score(a));
      expect([...after.retrievedIds(q)]).toEqual([...first, ...rows.slice(4)]);
      if (String(first) !== String(rows.slice(0, 4))) moved++;
    }
    expect(moved).toBeGreaterThan(before.length / 2);
  });

  it('gives the same on saved results, behind two passes, and where the gallery is streamed', async () => {
    const whole = await runEvaluate({
      items,
      k: 9,
      device: 'cpu',
      ...options,
      with: ['adaptive:3', ...options.with],
      results: at('whole.arrow'),
    });
    await runSearch({ items, k: 9, device: 'cpu', out: at('rr.arrow') });
    const given = { items: at('rr.arrow'), queries: items, gallery: items, ...options, with: ['adaptive:3', ...options.with] };
    const later = await runPostprocess({ ...given, out: at('later.arrow') });
    expect((await saved('later.arrow')).equals(await saved('whole.arrow'))).toBe(true);
    expect(later).toMatchObject({ metrics: whole.metrics });
    const streamed = await runEvaluate({
      ...given,
      items,
      queries: undefined,
      gallery: undefined,
      k: 9,
      device: 'cpu',
      memory: 50_000_000,
    });
    expect(streamed.metrics).toEqual(whole.metrics);
  });
});

describe('what is wrong is told in one line before the long work', () => {
  const evaluated = (table: string, step = 'texts.onnx@4') =>
    runEvaluate({ items: at(table), with: [`rerank:${at(step)}`], device: 'cpu', out: at('x.json') });
  it.each<[string, () => Promise<unknown>, string]>([
    [
      'no texts',
      () => evaluated('bare.parquet'),
      'bare.parquet: no column "text" (there are: embedding, label, title), and rerank compares texts',
    ],
    [
      'numbers',
      () => evaluated('numbers.parquet'),
      'numbers.parquet: rerank compares texts: the column "text" of the gallery holds Float64, and no texts',
    ],
    ['a text that is missing', () => evaluated('holes.parquet'), ' 7 has no text: its value in the column "text" is missing'],
    [
      'no room',
      () => evaluated('items.parquet', 'texts.onnx,max-length=3@4'),
      'texts.onnx: max-length must be an integer with room for more than the 3 special tokens, not 3',
    ],
    [
      'an unknown output',
      () => evaluated('items.parquet', 'texts.onnx,output=logit@4'),
      'output must be one of score, distance, not "logit"',
    ],
    [
      'an option of texts',
      () => evaluated('items.parquet', 'vectors.onnx,output=score@4'),
      'vectors.onnx: max-length and output are for models of texts',
    ],
    [
      'no queries and gallery',
      async () => {
        await runSearch({ items: at('items.parquet'), k: 9, device: 'cpu', out: at('rr.arrow') });
        return runPostprocess({ items: at('rr.arrow'), with: [`rerank:${at('texts.onnx')}@4`], out: at('x.json') });
      },
      'rerank looks at texts: give the files that were searched, --queries and --gallery',
    ],
  ])('%s', async (_, run, message) => {
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
    expect((error as UserError).message).not.toContain('\n');
    expect(existsSync(at('x.json'))).toBe(false);
  });

  it('on the command line, with exit status 2', async () => {
    const { status, stdout, stderr } = await rankstream(['evaluate', at('numbers.parquet'), '--with', `rerank:${at('texts.onnx')}@4`]);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('numbers.parquet: rerank compares texts: ')]);
    expect([status, stdout]).toEqual([2, '']);
  });
});
