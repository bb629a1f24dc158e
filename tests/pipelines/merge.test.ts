import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Options, runEvaluate, runMerge, runMetrics, runSearch } from '../../pipelines/index.js';
import { UserError } from '../../src/data/errors.js';
import type { RetrievalInfo, RetrievalResults } from '../../src/data/retrieval-results.js';
import { RetrievalResults as Results } from '../../src/data/retrieval-results.js';
import { createRetrievalWriter, readRetrieval } from '../../src/io/retrieval-file.js';
import { random, shuffled } from '../metrics/support.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const measure = ['--metrics', 'cmc@1,precision@5,map@10', '--by', 'category'];
const options = { metrics: 'cmc@1,precision@5,map@10', by: ['category'] };
const QUERIES = 48;
let rr: RetrievalResults;

async function write(name: string, part: RetrievalResults): Promise<string> {
  const writer = createRetrievalWriter(at(name));
  await writer.write(part);
  await writer.close();
  return at(name);
}

/** In a process of its own. */
async function ok(...args: string[]) {
  const { status, stdout, stderr } = await rankstream(args, { cwd: folder });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

async function json(...args: string[]) {
  return lasting(JSON.parse(await ok(...args, '--json')));
}

function lasting({ seconds: _, ...results }: { seconds: unknown }): Record<string, unknown> {
  return results;
}

const metrics = async (...inputs: string[]) => lasting(await runMetrics({ ...options, inputs: inputs.map(at) }));
const save = (input: string, name: string, other: Options = {}) =>
  runMetrics({ ...options, inputs: [at(input)], saveState: at(name), ...other });
const merge = (...inputs: string[]) => runMerge({ inputs: inputs.map(at) });

beforeAll(async () => {
  const { vectors, label } = clusters(QUERIES, 4, 5, 3);
  const category = label.map((_, row) => `c${row % 5}`);
  await writeTable(at('items.arrow'), embeddingTable(vectors, { label, category, id: label.map((_, row) => `q${row}`) }));
  await runSearch({ items: at('items.arrow'), out: at('rr.arrow'), k: 20 });
  const parts: RetrievalResults[] = [];
  for await (const part of readRetrieval(at('rr.arrow'))) parts.push(part);
  rr = Results.concat(parts);
  await write('part-1.arrow', rr.slice(0, 7));
  await write('part-2.parquet', rr.slice(7, 30));
  await write('part-3.arrow', rr.slice(30, QUERIES));
});

describe('rankstream metrics of several files', () => {
  it('measures them as one', async () => {
    const whole = await metrics('rr.arrow');
    expect(await json('metrics', 'part-1.arrow', 'part-2.parquet', 'part-3.arrow', ...measure)).toEqual(whole);
    expect(await metrics('part-3.arrow', 'part-1.arrow', 'part-2.parquet')).toEqual(whole);
    writeFileSync(at('parts.yaml'), 'inputs: [part-1.arrow, part-2.parquet, part-3.arrow]\n');
    expect(await json('metrics', '--config', 'parts.yaml', ...measure)).toEqual(whole);
  });

  it('takes a part without queries for what it is', async () => {
    await createRetrievalWriter(at('empty.arrow')).close();
    expect(await metrics('empty.arrow', 'rr.arrow')).toEqual(await metrics('rr.arrow'));
  });

  it('leaves out the device where parts were searched on several', async () => {
    await write('gpu.arrow', withInfo(rr, { device: 'cuda' }));
    const { device, gallery, k } = await metrics('rr.arrow', 'gpu.arrow');
    expect({ device, gallery, k }).toEqual({ device: undefined, gallery: QUERIES, k: 20 });
  });

  it.each<[string, () => RetrievalResults, string]>([
    ['another gallery', () => withInfo(rr, { fingerprint: 'f00' }), 'other.arrow: a gallery with the fingerprint f00 instead of '],
    [
      'a gallery that is not known',
      () => withInfo(rr, { gallerySize: undefined }),
      `other.arrow: a gallery of size that is not known instead of ${QUERIES}, as in `,
    ],
    ['another distance', () => withInfo(rr, { distance: 'ip' }), 'other.arrow: the distance ip instead of l2, as in '],
    ['another k', () => withInfo(rr, { k: 9 }), 'other.arrow: k 9 instead of 20, as in '],
    [
      'other columns',
      () => Results.trusted({ ...rr, columns: {} }),
      'other.arrow: columns query_id, num_relevant, retrieved_gain instead of ',
    ],
  ])('refuses %s', async (_, other, message) => {
    await write('other.arrow', other());
    await expect(metrics('rr.arrow', 'other.arrow')).rejects.toThrow(UserError);
    await expect(metrics('rr.arrow', 'other.arrow')).rejects.toThrow(message);
  });

  it('refuses a file that is given twice', async () => {
    await expect(metrics('rr.arrow', './rr.arrow')).rejects.toThrow('rr.arrow: given twice');
  });

  it('says that fewer items were retrieved than a metric looks at', async () => {
    const { warnings } = await runMetrics({ inputs: [at('rr.arrow')], metrics: 'cmc@1,map@50' });
    expect(warnings).toEqual(['map@50: only 20 items are retrieved (--k), so items beyond count as not retrieved']);
  });
});

describe('rankstream merge', () => {
  it('gives for the states of other processes what one process gives for all queries', async () => {
    const [whole] = await Promise.all([
      json('metrics', 'rr.arrow', ...measure, '--save-state', 'whole.bin', '--out', 'whole.json'),
      ok('metrics', 'part-1.arrow', ...measure, '--save-state', 's1.bin'),
      ok('metrics', 'part-2.parquet', 'part-3.arrow', ...measure, '--save-state', 's2.bin'),
    ]);
    expect(await json('merge', 's2.bin', 's1.bin', '--save-state', 'all.bin', '--out', 'all.json')).toEqual(whole);
    expect(readFileSync(at('all.bin'))).toEqual(readFileSync(at('whole.bin')));
    expect(readFileSync(at('all.json'))).toEqual(readFileSync(at('whole.json')));
    expect(await ok('merge', 's1.bin', 's2.bin')).toContain('OVERALL');
  });

  it('does so for evaluate, with the results before and after post-processing', async () => {
    const chain: Options = { ...options, k: 20, with: ['constant-threshold:1 | top:7', 'z-norm'] };
    const whole = await runEvaluate({ ...chain, items: at('items.arrow') });
    const { vectors, label } = clusters(QUERIES, 4, 5, 3);
    const flags = (from: number, to: number) => label.map((_, row) => row >= from && row < to);
    for (const [name, from, to] of [['e1', 0, 20] as const, ['e2', 20, QUERIES] as const]) {
      const columns = { label, category: label.map((_, row) => `c${row % 5}`), is_query: flags(from, to), is_gallery: flags(0, QUERIES) };
      const items = await writeTable(at(`${name}.arrow`), embeddingTable(vectors, columns));
      await runEvaluate({ ...chain, items, saveState: at(`${name}.bin`) });
    }
    const postprocess = whole.postprocess.map(({ seconds: _, ...step }) => step);
    const merged = await runMerge({ inputs: [at('e1.bin'), at('e2.bin')], saveState: at('e.bin') });
    expect(lasting(merged)).toEqual({ ...lasting(whole), postprocess });
    expect(lasting(await merge('e.bin'))).toEqual(lasting(merged));
    expect(postprocess.map(({ change }) => change?.['precision@5'])).not.toContain(undefined);
    expect(postprocess.map(({ results }) => results?.after)).not.toContain(0);
    expect(whole.baseline?.metrics).not.toEqual(whole.metrics);
  });

  it('gives the same bytes for any partition, order and tree of merges', async () => {
    await save('rr.arrow', 'one.bin');
    const wanted = readFileSync(at('one.bin'), 'utf8');
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const next = random(seed);
        const rows = shuffled(
          Array.from({ length: QUERIES }, (_, row) => row),
          next,
        );
        let files: string[] = [];
        while (rows.length > 0) {
          const name = `p-${files.length}`;
          await write(`${name}.arrow`, rr.pick(rows.splice(0, 1 + Math.floor(next() * 30))));
          await save(`${name}.arrow`, `${name}.bin`);
          files.push(at(`${name}.bin`));
        }
        for (let step = 0; files.length > 1 || step === 0; step++) {
          const inputs = shuffled(files, next).slice(0, 2 + Math.floor(next() * 3));
          const saveState = at(`m-${step}.bin`);
          await runMerge({ inputs, saveState });
          files = [...files.filter((file) => !inputs.includes(file)), saveState];
        }
        expect(readFileSync(files[0], 'utf8')).toBe(wanted);
      }),
      { numRuns: 15 },
    );
  });

  it('refuses, with the file, what does not fit together', async () => {
    await save('rr.arrow', 's.bin');
    await save('rr.arrow', 'k.bin', { metrics: 'cmc@5,precision@5,map@10' });
    await save('rr.arrow', 'by.bin', { by: [] });
    await write('far.arrow', withInfo(rr, { fingerprint: 'f00' }));
    await save('far.arrow', 'far.bin');
    await runEvaluate({ ...options, items: at('items.arrow'), k: 20, with: ['constant-threshold:1'], saveState: at('with.bin') });
    const state = JSON.parse(readFileSync(at('s.bin'), 'utf8'));
    writeFileSync(at('version.bin'), JSON.stringify({ ...state, version: 2 }));
    writeFileSync(at('cut.bin'), readFileSync(at('s.bin')).subarray(0, 100));
    writeFileSync(at('list.bin'), '[]');
    writeFileSync(at('none.bin'), JSON.stringify({ ...state, states: [] }));
    for (const [name, message] of [
      ['k.bin', 'k.bin: the saved evaluation is of the metrics [cmc@5, precision@5, map@10], not of [cmc@1, precision@5, map@10]'],
      ['by.bin', 'by.bin: the saved evaluation is of the columns [], not of [category]'],
      ['far.bin', 'far.bin: a gallery with the fingerprint f00 instead of '],
      ['with.bin', 'with.bin: post-processed by [["constant-threshold",{"threshold":1}]] instead of [], as in '],
      ['version.bin', 'version.bin: a saved state of version 2; this version of rankstream reads 1'],
      ['cut.bin', 'cut.bin: no saved state as --save-state writes it (not JSON)'],
      ['list.bin', 'list.bin: no saved state as --save-state writes it (it has no "format"'],
      ['none.bin', 'none.bin: no saved state as --save-state writes it (states: '],
      ['rr.arrow', 'rr.arrow: no saved state as --save-state writes it (not JSON)'],
      ['nothere.bin', 'nothere.bin: cannot read the saved state (ENOENT)'],
      ['./s.bin', 's.bin: given twice'],
    ]) {
      await expect(merge('s.bin', name), name).rejects.toThrow(UserError);
      await expect(merge('s.bin', name), name).rejects.toThrow(message);
    }
    const fitted = runEvaluate({ items: at('items.arrow'), with: ['adaptive-threshold:2'], saveState: at('x.bin') });
    await expect(fitted).rejects.toThrow('--save-state: adaptive-threshold is fitted to all queries of a run');
  });

  it('says on the command line what is wrong, in one line', async () => {
    await save('rr.arrow', 'a.bin');
    await save('rr.arrow', 'b.bin', { by: [] });
    const { status, stdout, stderr } = await rankstream(['merge', 'a.bin', 'b.bin'], { cwd: folder });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'rankstream: b.bin: the saved evaluation is of the columns [], not of [category]\n',
    });
    expect((await rankstream(['merge'])).stderr).toContain('give the saved states to merge');
  });
});

function withInfo(results: RetrievalResults, info: RetrievalInfo): RetrievalResults {
  return Results.trusted({ ...results, info: { ...results.info, ...info } });
}
