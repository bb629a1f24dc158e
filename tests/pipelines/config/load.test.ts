import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../../pipelines/config/load.js';
import { temporaryFolder } from '../../support/tables.js';

const folder = temporaryFolder();
let files = 0;
/** References are written «k» here. */
const references = (text: string) => text.replaceAll('«', '\u0024{').replaceAll('»', '}');
/** A config file with a text in it. */
function config(text: string, name = `config-${files++}.yaml`): string {
  writeFileSync(join(folder, name), references(text));
  return join(folder, name);
}
const values = async (text: string, ...overrides: string[]) => (await loadConfig(config(text), overrides)).values;

describe('overrides', () => {
  it('are YAML values at dotted paths; later ones win, null takes away', async () => {
    const text = 'k: 10\nmetrics: [cmc@1]\nsets: { a: { k: 5 }, b: { k: 6 } }\nreport: r.html\n';
    const overrides = ['k=50', 'metrics=[map@5, cmc@1]', 'sets.a.k=7', 'sets.c.items=c.csv', 'k=51', 'report=null', 'distance='];
    expect(await values(text, ...overrides)).toEqual({
      k: 51,
      metrics: ['map@5', 'cmc@1'],
      sets: { a: { k: 7 }, b: { k: 6 }, c: { items: 'c.csv' } },
    });
  });

  it('make parts of a plain name', async () => {
    expect(await values('model: m.onnx\n', 'model.device=cpu')).toEqual({ model: { name: 'm.onnx', device: 'cpu' } });
    expect(await values('model: { name: a, device: cpu }\n', 'model=b')).toEqual({ model: 'b' });
  });

  it.each(['k', '=5', 'a..b=5', 'a b=5'])('refuse "%s"', async (text) => {
    await expect(values('k: 1\n', text)).rejects.toThrow(`"${text}" is no override; write name=value`);
  });

  it('put any value at any path, and leave all others', () => {
    const name = fc.stringMatching(/^[a-z_-]{1,4}$/);
    const plain = fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[a-z ]*$/), fc.array(fc.integer()));
    const tree = fc.dictionary(name, fc.oneof(plain, fc.dictionary(name, plain)));
    return fc.assert(
      fc.asyncProperty(tree, fc.array(name, { minLength: 1, maxLength: 3 }), plain, async (given, path, value) => {
        const text = stringify(given);
        const after = await values(text, `${path.join('.')}=${stringify(value)}`);
        expect(path.reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], after)).toEqual(value);
        for (const other of Object.keys(given).filter((one) => one !== path[0])) expect(after[other]).toEqual(parse(text)[other]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('references', () => {
  it('take the values of others, as they are where they stand alone, and of the environment', async () => {
    process.env.RANKSTREAM_TEST_DATA = '/data';
    const text = 'k: 5\nsame: «k»\nlist: [1, 2]\nalso: «list»\nmodel: { name: m, folder: "«env:RANKSTREAM_TEST_DATA»" }\n';
    const more = 'out: «model.folder»/«model.name»-«k»\nother: «env:RANKSTREAM_NOT_THERE,none»\nchain: «out»!\nitem: «list.1»\n';
    expect(await values(text + more, 'k=7')).toEqual({
      ...{ k: 7, same: 7, list: [1, 2], also: [1, 2], model: { name: 'm', folder: '/data' } },
      ...{ out: '/data/m-7', other: 'none', chain: '/data/m-7!', item: 2 },
    });
  });

  it.each([
    ['a: «metrcs»\nmetrics: x\n', 'a: there is no value «metrcs»; did you mean "metrics"?'],
    ['a: «b.c»\nb: 5\n', 'a: there is no value «b.c»'],
    ['a: { b: "«a.c»", c: "x«a.b»" }\n', 'a.b: «a.c» refers to itself'],
    ['a: { b: "«a»" }\n', 'refers to itself'],
    ['a: «env:RANKSTREAM_NOT_THERE»\n', 'a: there is no environment variable RANKSTREAM_NOT_THERE; set it, or write'],
    ['a: x«b»\nb: [1]\n', 'a: «b» is no plain value, and cannot stand within a text'],
  ])('refuse %j', async (text, message) => {
    const file = config(text);
    await expect(loadConfig(file)).rejects.toThrow(references(message));
    await expect(loadConfig(file)).rejects.toThrow(file);
  });
});

describe('defaults', () => {
  it('come from other files, relative to the one that names them, and from theirs; the nearest holds', async () => {
    mkdirSync(join(folder, 'deep'), { recursive: true });
    config('k: 1\nmodel: { name: base, device: cpu }\nmetrics: [a]\n', 'deep/base.yaml');
    config('defaults: base.yaml\nk: 2\nmetrics: [b]\n', 'deep/middle.yaml');
    const loaded = await loadConfig(config('defaults: [deep/middle.yaml]\nmodel: { device: cuda }\n'), ['by=x']);
    expect(loaded.values).toEqual({ k: 2, model: { name: 'base', device: 'cuda' }, metrics: ['b'], by: 'x' });
    expect(loaded.where(['model', 'name'])).toBe(join(folder, 'deep', 'base.yaml'));
    expect(loaded.where(['metrics', 0])).toBe(join(folder, 'deep', 'middle.yaml'));
    expect(loaded.where(['by'])).toBe('by=x');
  });

  it('refuse a file that is not there, and one that comes back to itself', async () => {
    await expect(loadConfig(config('defaults: gone.yaml\n'))).rejects.toThrow(`${join(folder, 'gone.yaml')}: no such file`);
    const circle = config('defaults: circle.yaml\n', 'circle.yaml');
    await expect(loadConfig(circle)).rejects.toThrow(`${circle}: is among its own "defaults"`);
    await expect(loadConfig(config('defaults: { a: 1 }\n'))).rejects.toThrow('"defaults" must be names of files');
  });
});
