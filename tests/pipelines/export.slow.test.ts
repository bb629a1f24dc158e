import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runExtract } from '../../pipelines/index.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { readModelSpec } from '../../src/models/model-metadata.js';
import { openTokenizer } from '../../src/models/tokenizer.js';
import { parseTransform } from '../../src/models/transforms/steps.js';
import { collect } from '../io/support.js';
import { ROOT, rankstream } from '../support/cli.js';
import { hasPython, python } from '../support/python.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const script = join(ROOT, 'pipelines/export/to_onnx.py');
const models = join(ROOT, 'tests/pipelines/export-models.py');

interface Reference {
  readonly paths: readonly string[];
  readonly embeddings: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly distances: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** [tokens, dim] */
  readonly words: readonly (readonly number[])[];
  readonly steps: Readonly<Record<string, unknown>>;
}
let reference: Reference;

/** The embeddings of a table, row by row. */
async function extracted(items: string, model: string): Promise<number[][]> {
  const out = at(`${model}.parquet`);
  await runExtract({ items: at(items), model: at(`${model}.onnx`), out, device: 'cpu', cacheFolder: at('cache') });
  const batches = await collect(readEmbeddings(out));
  return batches.flatMap(({ rows, dim, data }) => Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]));
}

function apart(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number {
  expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  return Math.max(...found.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected[i][j]))));
}

describe.skipIf(!hasPython)('pipelines/export/to_onnx.py', () => {
  beforeAll(async () => {
    const { status, stderr } = await python([join(ROOT, 'tests/pipelines/export-reference.py'), folder]);
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    reference = JSON.parse(readFileSync(at('reference.json'), 'utf8'));
    mkdirSync(at('other'));
    writeFileSync(at('other/bert.json'), '{}');
    const rows = reference.paths.map((path, i) => `${i % 3},validation,1,1,${path}`);
    writeFileSync(at('items.csv'), ['label,split,is_query,is_gallery,path', ...rows, ''].join('\n'));
  });

  it.each(['small', 'resnet', 'mlp'])('exports %s: the embeddings of pictures are those of PyTorch', async (name) => {
    expect(apart(await extracted('items.csv', name), reference.embeddings[name])).toBeLessThan(1e-4);
  });

  it.each([
    ['concat', 'items.csv', ['--model', 'resnet.onnx']],
    ['linear', 'small.parquet', []],
  ])('exports %s: a re-ranker whose distances are those of PyTorch', async (name, items, more) => {
    await extracted('items.csv', 'small');
    const args = ['evaluate', items, ...more, '--with', `rerank:${name}.onnx@5`, '--results', `${name}.arrow`, '--k', '5'];
    const env = { RANKSTREAM_CACHE: at('cache') };
    const { status, stderr } = await rankstream([...args, '--device', 'cpu', '--metrics', 'cmc@1'], { cwd: folder, env });
    expect([status, stderr]).toEqual([0, '']);
    const rr = RetrievalResults.concat(await collect(readRetrieval(at(`${name}.arrow`))));
    expect(rr.length).toBe(reference.paths.length);
    for (let q = 0; q < rr.length; q++) {
      const ids = [...rr.retrievedIds(q)];
      expect(ids.toSorted()).toEqual(reference.paths.map((_, row) => row).filter((row) => row !== q));
      expect(apart([[...rr.distancesOf(q)]], [ids.map((row) => reference.distances[name][q][row])])).toBeLessThan(1e-4);
    }
  });

  it('exports a model of texts with its tokenizer', async () => {
    const texts = ['red summer dress', 'a dress', 'reset my password please'];
    writeFileSync(at('texts.csv'), `label,text\n${texts.map((text, i) => `${i},${text}\n`).join('')}`);
    const tokenizer = await openTokenizer(at('bert.json'));
    const expected = texts.map((text) => {
      const vectors = tokenizer.encode(text, 16).ids.map((id) => reference.words[id].map(Math.tanh));
      const mean = vectors[0].map((_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0) / vectors.length);
      return mean.map((value) => value / Math.hypot(...mean));
    });
    expect(apart(await extracted('texts.csv', 'words'), expected)).toBeLessThan(1e-4);
    expect((await readModelSpec(at('words.onnx')))?.input).toEqual({ tokenizer: 'bert.json', 'max-length': 16 });
  });

  it("writes transforms of torchvision and albumentations as the steps that OML's names stand for", () => {
    for (const [name, steps] of Object.entries(reference.steps)) {
      const named = parseTransform({ name, size: 224 }, name);
      expect([name, parseTransform(steps, name)]).toEqual([name, named.map(sameSides)]);
    }
  });

  it('refuses in one line what is wrong, and leaves nothing behind', async () => {
    const before = readdirSync(folder);
    const { status, stdout, stderr } = await python(['-c', REFUSE, script, JSON.stringify(REFUSED.map(([args]) => args))], folder);
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    const told: [number, string][] = JSON.parse(stdout);
    for (const [i, [args, message]] of REFUSED.entries()) {
      const line = typeof message === 'string' ? `to_onnx.py: ${message}\n` : expect.stringMatching(message);
      expect([args, ...told[i]]).toEqual([args, 2, line]);
      expect(told[i][1]).toMatch(/^to_onnx\.py: .*\n$/);
    }
    expect(readdirSync(folder)).toEqual(before);
  });
});

/** One process for all: PyTorch takes seconds to be imported. */
const REFUSE = `
import contextlib, io, json, pathlib, sys
sys.path.insert(0, str(pathlib.Path(sys.argv[1]).parent))
import to_onnx
told = []
for args in json.loads(sys.argv[2]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as err:
        told.append([to_onnx.main([*args, "-o", "refused.onnx"]), err])
print(json.dumps([[status, err.getvalue()] for status, err in told]))`;

const REFUSED: readonly (readonly [args: readonly string[], message: string | RegExp])[] = [
  [[`${models}:small`], 'how do items become its input? Give --transform for pictures, --tokenizer for texts, --spec for anything else'],
  [[`${models}:smal`, '--transform', 'norm_torch'], 'export-models has no "smal"'],
  [[`${models}:Words`, '--tokenizer', 'none.json'], 'none.json: there is no such file'],
  [
    [`${models}:Words`, '--tokenizer', 'other/bert.json'],
    'bert.json: a tokenizer of another model is there; give this one a folder of its own',
  ],
  [[`${models}:small`, '--spec', '{modality: "tensor"}'], /: --spec: not JSON \(Expecting property name/],
  [
    [`${models}:small`, '--spec', '{"modality": "tensor"}'],
    '--shape is missing: that of one item as the model takes it, for example 1,48000',
  ],
  [['oml:ViTExtracter', '--transform', 'norm_torch'], /: OML has no model "ViTExtracter" \(there are: .*ViTExtractor/],
  [[`${models}:small`, '--transform', 'norm_rezise_torch'], /: there is no transform "norm_rezise_torch" \(there are: norm_albu, /],
  [
    [`${models}:small`, '--transform', `${models}:mirrored_edges`],
    'PadIfNeeded with border_mode=4 is no step that rankstream knows; it knows border_mode=0',
  ],
  [[`${models}:small`, '--weights', 'none.ckpt', '--transform', 'norm_torch'], 'none.ckpt: there is no such file'],
  [
    [`${models}:small`, '--args', '{"dims": 3}', '--transform', 'norm_torch'],
    /got an unexpected keyword argument 'dims'; it takes \(dim=8\)\n$/,
  ],
  [
    [`${models}:small`, '--weights', 'linear.ckpt', '--transform', 'norm_torch'],
    /: linear.ckpt: has no net\.0\.weight, as 4 of the model's 4/,
  ],
  [[`${models}:Pixels`, '--transform', 'norm_torch', '--size', '8'], /: an extractor gives \[batch, dim\], .* not \[batch, 3, 8, 8\]\n$/],
  [
    [`${models}:Unfaithful`, '--transform', 'norm_torch', '--size', '8'],
    /apart, more than 0.0001: the export is not faithful, and was removed\n$/,
  ],
  [
    [`${models}:Words`, '--tokenizer', join(ROOT, 'tests/fixtures/text/bert.json')],
    /: it gives vectors of tokens, \[batch, tokens, 6\]: pool/,
  ],
];

/** A side of a crop or of an edge stands for both, and albumentations pads to two sides. */
function sameSides(step: object): object {
  const [[name, given]] = Object.entries(step);
  const both = name === 'center-crop' || name === 'pad' ? { size: [given.size, given.size] } : {};
  return { [name]: { ...given, ...both } };
}
