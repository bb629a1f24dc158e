import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runConfig } from '../../pipelines/index.js';
import { refusal } from '../io/support.js';
import { writeModel } from '../models/graphs.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFileSync(at(name), text);

beforeAll(async () => {
  for (const [name, seed] of [
    ['birds', 1],
    ['cars', 2],
  ] as const) {
    const { vectors, label } = clusters(40, 5, 4, seed);
    const category = label.map((l) => (l % 2 ? 'odd' : 'even'));
    await writeTable(at(`${name}.parquet`), embeddingTable(vectors, { label, category, text: label.map((l) => `${name} ${l}`) }));
  }
  write('one.yaml', `pipeline: validate\nitems: ${at('birds.parquet')}\nk: 10\ndevice: cpu\nmetrics: [cmc@1, map@5]\nby: category\n`);
  write(
    'two.yaml',
    [
      'pipeline: validate',
      'device: cpu',
      'metrics: [cmc@1, map@5]',
      'with: constant:0.9',
      'report: report.html',
      `out: \${env:RANKSTREAM_TEST_OUT,${folder}}/two`,
      'sets:',
      `  birds: { items: ${at('birds.parquet')}, by: [category] }`,
      `  cars: { items: ${at('cars.parquet')}, k: 7, metrics: [cmc@1, cmc@3] }`,
    ].join('\n'),
  );
});

async function ran(...args: string[]) {
  const { status, stdout, stderr } = await rankstream(['run', ...args], { cwd: folder });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** What a run without a process of its own says; `~` is the folder. */
async function refused(name: string, ...overrides: string[]): Promise<string> {
  const here = (text: string) => text.replaceAll('~', folder);
  const message = await refusal(() => runConfig(at(name), overrides.map(here)));
  return message.replaceAll(`${folder}/`, '').replaceAll(folder, '~');
}

function timeless<R extends { seconds: unknown; postprocess: readonly { seconds?: number }[] }>({ seconds: _, ...lasting }: R) {
  return { ...lasting, postprocess: lasting.postprocess.map(({ seconds: __, ...step }) => step) };
}

describe('pipeline: validate', () => {
  it('gives the JSON of rankstream evaluate', async () => {
    const args = ['evaluate', 'birds.parquet', '--k', '20', '--device', 'cpu', '--metrics', 'cmc@1,map@5', '--by', 'category', '--json'];
    const evaluated = JSON.parse((await rankstream(args, { cwd: folder })).stdout);
    expect(timeless(JSON.parse(await ran('one.yaml', 'k=20', '--json')))).toEqual(timeless(evaluated));
  });

  it('runs several sets, each with options, metrics and files of its own, and prints one table', async () => {
    const table = await ran('two.yaml');
    expect(table).toMatch(/^birds: queries 40, gallery 40, k 100, .*\ncars: queries 40, gallery 40, k 7, /);
    expect(table).toMatch(/\n +cmc@1 +map@5 +cmc@3\nbirds +RR +0\.\d+ +0\.\d+ +-\n/);
    expect(table).toMatch(/\ncategory\n {2}even +RR .*\ncars +RR +\S+ +- +\S+\n/s);
    expect(readdirSync(at('two')).sort()).toEqual(['birds', 'cars']);
    for (const set of ['birds', 'cars']) expect(readdirSync(at(`two/${set}`)).sort()).toEqual(['metrics.json', 'report.html']);
    expect(readFileSync(at('two/cars/report.html'), 'utf8')).toContain('>cars 3</p>');
    const { sets } = JSON.parse(await ran('two.yaml', '--json'));
    expect(Object.keys(sets)).toEqual(['birds', 'cars']);
    expect(Object.keys(sets.cars.metrics)).toEqual(['cmc@1', 'cmc@3']);
    expect(timeless(sets.birds)).toEqual(JSON.parse(readFileSync(at('two/birds/metrics.json'), 'utf8')));
  });

  it('is a function', async () => {
    const outcome = await runConfig(at('two.yaml'), [`out=${at('own')}`, `sets={ cars: { items: ${at('cars.parquet')} } }`]);
    expect(outcome).toMatchObject({ pipeline: 'validate', sets: { cars: { queries: 40 } } });
    expect(existsSync(at('own/cars/metrics.json'))).toBe(true);
  });

  it('prints the resolved config instead of running it', async () => {
    const printed = parse(await ran('two.yaml', 'sets.cars=null', 'k=9', 'out=printed', '--print'));
    expect(printed).toMatchObject({ pipeline: 'validate', k: 9, out: 'printed', sets: { birds: { by: ['category'] } } });
    expect(Object.keys(printed.sets)).toEqual(['birds']);
    expect(existsSync(at('printed'))).toBe(false);
  });
});

describe('modules', () => {
  const half = "atRank('half', (k) => ({ ...cmc(k), name: 'half@' + k, score: (view, out) => out.fill(0.5) }), 'always a half')";

  it('register metrics, post-processors, transforms and modalities, by themselves or through what they are given', async () => {
    mkdirSync(at('node_modules/rankstream-more'), { recursive: true });
    write('node_modules/rankstream-more/package.json', '{ "name": "rankstream-more", "type": "module", "exports": "./index.js" }');
    write(
      'node_modules/rankstream-more/index.js',
      'export default ({ registerTransform, pcaWhitening }) => registerTransform("flat", { params: [], make: () => pcaWhitening({ dim: 2 }) });\n',
    );
    write(
      'mine.mjs',
      `export default ({ registerMetric, registerPostprocessor, registerModality, atRank, cmc, top }) => {
        registerMetric(${half});
        registerPostprocessor('few', { params: [{ name: 'count', optional: true, usual: 3 }], make: (count = 3) => top(count) });
        registerModality({ name: 'smell', open: async () => { throw new Error('not here'); } });
      };`,
    );
    write(
      'mine.yaml',
      'defaults: one.yaml\nmodules: [./mine.mjs, rankstream-more]\nmetrics: [half@3, cmc@1]\nwith: few\ntransform: flat\n',
    );
    const results = JSON.parse(await ran('mine.yaml', '--json'));
    expect(results.metrics['half@3']).toBe(0.5);
    expect(results).toMatchObject({ postprocess: [{ name: 'top', params: { count: 3 } }], transform: [{ params: { dim: 2 } }] });
    const registry = await ran('mine.yaml', '--registry');
    expect(registry).toMatch(/^ {2}half@k +always a half$/m);
    for (const line of ['  few:[count=3]', '  flat', '  smell', '  k-reciprocal:[k1=20][,k2=6][,lambda=0.3]'])
      expect(registry.split('\n')).toContain(line);
    expect(registry).toMatch(/^pipelines\n {2}validate {2}.*\n {2}predict {3}/);
  });

  it('bring a modality of one\u2019s own from the items to the report', async () => {
    write(
      'tints.mjs',
      `export default ({ registerModality }) => registerModality({
        name: 'tint',
        open: async ({ size, columns }) => ({
          modality: 'tint',
          size,
          preparation: {},
          load: async (row) => columns.tint.get(row).split(' ').map(Number),
          collate: (items) => ({ input: { type: 'float32', data: Float32Array.from(items.flat()), dims: [items.length, 3] } }),
          contentHash: async (row) => columns.tint.get(row),
          visualize: async (row) => '<i>tint ' + columns.tint.get(row) + '</i>',
        }),
      });`,
    );
    writeModel(folder, 'same.onnx', {
      nodes: [{ type: 'Identity', inputs: ['x'], outputs: ['y'] }],
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 3] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }],
    });
    write('same.yaml', 'modality: tint\n');
    write('tints.csv', `label,tint\n${['a,1 0 0', 'a,1 0 0.1', 'b,0 1 0', 'b,0 1 0.2'].join('\n')}\n`);
    const own = [`modules: [${at('tints.mjs')}]`, `items: ${at('tints.csv')}`, `model: { name: ${at('same.onnx')} }`, 'cache: false'];
    write('tints.yaml', ['pipeline: validate', ...own, 'metrics: cmc@1', 'report: t.html', `out: ${at('tints')}`].join('\n'));
    expect(await runConfig(at('tints.yaml'))).toMatchObject({ results: { metrics: { 'cmc@1': 1 }, model: { name: 'same.onnx', dim: 3 } } });
    expect(readFileSync(at('tints/t.html'), 'utf8')).toContain('<div class="frame made"><i>tint 0 1 0.2</i></div>');
  });

  it.each([
    ['~/gone.mjs', 'gone.mjs: no such file; did you mean "mine.mjs"? (its path begins where the command runs)'],
    ['gone.mjs', 'module "gone.mjs": there is no such package here; write ./gone.mjs where it is a file'],
    ['~/broken.mjs', 'module "broken.mjs": x is not defined'],
    ['~/twice.mjs', 'module "twice.mjs": metric "cmc": there is already one of that name'],
  ])('refuses %s', async (name, message) => {
    write('broken.mjs', 'x();\n');
    write('twice.mjs', "export default ({ registerMetric, atRank, cmc }) => registerMetric(atRank('cmc', cmc, ''));\n");
    expect(await refused('one.yaml', `modules=[${name}]`)).toContain(message);
  });
});

describe('what is wrong', () => {
  it.each([
    [['gone.yaml'], 'gone.yaml: no such file'],
    [['one.yaml', 'metrcs=cmc@1'], 'metrcs=cmc@1: unknown name "metrcs"; did you mean "metrics"?'],
    [['one.yaml', 'model-batch=8'], 'model-batch=8: unknown name "model-batch"; did you mean "model.batch"?'],
    [['one.yaml', 'model.devise=cpu'], 'model.devise=cpu: unknown name "model.devise"; did you mean "device"?'],
    [['two.yaml', 'sets.cars.itms=x'], 'sets.cars.itms=x: unknown name "sets.cars.itms"; did you mean "items"?'],
    [['typo.yaml'], 'typo.yaml: unknown name "sets.a.distanse"; did you mean "distance"?'],
    [['one.yaml', 'k=-1'], 'k=-1: k: must be a positive integer, not -1'],
    [['two.yaml', 'sets.cars.distance=l3'], 'sets.cars.distance=l3: sets.cars.distance: must be one of l2, cosine, ip, not "l3"'],
    [
      ['one.yaml', 'pipeline=validat'],
      'pipeline=validat: unknown pipeline "validat" (there are: validate, predict); did you mean "validate"?',
    ],
    [['one.yaml', 'pipeline=null'], 'no "pipeline" is named (there are: validate, predict)'],
    [['one.yaml', 'sets=5'], 'sets=5: sets: must be sets by their names, not 5'],
    [['one.yaml', 'sets={ "a/b": {} }'], 'is no name of a set, which becomes a folder'],
    [['two.yaml', 'out=null'], 'several sets would write one "report": give "out", a folder, in which each set has its own'],
    [['two.yaml', 'sets.more.items=~/gone.csv'], 'gone.csv: no such file'],
    [['two.yaml', 'sets.cars.by=color'], 'set "cars": cars.parquet: no column "color" to group by'],
    [['two.yaml', 'out=~/one.yaml'], 'cannot make this folder'],
    [['one.yaml', 'metrics=cmcc@1'], 'unknown metric "cmcc@1"; did you mean "cmc@1"?'],
  ] as const)('%j: %s', async ([name, ...overrides], message) => {
    write('typo.yaml', 'pipeline: validate\nsets:\n  a: { items: x, distanse: l2 }\n');
    expect(await refused(name, ...overrides)).toContain(message);
  });

  it('is one line, and status 2', async () => {
    for (const [args, message] of [
      [[], 'give a config file, or --registry, which shows what can stand in it'],
      [['typo.yaml'], 'typo.yaml: unknown name "sets.a.distanse"; did you mean "distance"?'],
    ] as const) {
      const { status, stdout, stderr } = await rankstream(['run', ...args], { cwd: folder });
      expect([status, stdout, stderr]).toEqual([2, '', `rankstream: ${message}\n`]);
    }
  });
});
