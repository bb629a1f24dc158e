import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { externalFiles, hashModel, readModelSpec, withModelSpec } from '../../src/models/model-metadata.js';
import { BUNDLED_MODELS } from '../../src/models/zoo/places.js';
import { onnxModel } from '../../src/runtime/onnx-graph.js';
import { OnnxSession } from '../../src/runtime/onnx-session.js';
import { temporaryFolder } from '../support/tables.js';
import { doubling } from './extractor-graphs.js';

const folder = temporaryFolder();
const embedder = readFileSync(join(BUNDLED_MODELS, 'icon-embedder.onnx'));
const spec = { modality: 'image', input: { transform: 'norm_resize_torch', note: 'ä' }, normalise: true } as const;

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the description of a model', () => {
  it('comes back from the metadata of an ONNX file, which stays a model', async () => {
    const path = file('inside.onnx', withModelSpec(embedder, spec));
    expect(await readModelSpec(path)).toEqual(spec);
    const session = await OnnxSession.open(path);
    expect(session.outputs[0].shape).toEqual(['batch', 128]);
    await session.close();
  });

  it('is the last one that was written, before that of the file beside it', async () => {
    const path = file('twice.onnx', withModelSpec(withModelSpec(embedder, spec), { ...spec, modality: 'tensor' }));
    file('twice.yaml', 'modality: text\n');
    expect((await readModelSpec(path))?.modality).toBe('tensor');
  });

  it.each([
    ['beside.yaml', 'modality: text\npooling: mean\ninput:\n  max-length: 64\n'],
    ['other.yml', '{modality: text, pooling: mean, input: {max-length: 64}}'],
    ['third.json', '{"modality": "text", "pooling": "mean", "input": {"max-length": 64}}'],
  ])('comes from %s beside the model', async (name, text) => {
    const path = file(name.replace(/\.\w+$/, '.onnx'), embedder);
    expect(await readModelSpec(path)).toBeUndefined();
    file(name, text);
    expect(await readModelSpec(path)).toEqual({ modality: 'text', pooling: 'mean', input: { 'max-length': 64 } });
  });

  it.each([
    ['modalty: text\n', 'wrong.yaml: unknown key "modalty" in the description of a model; did you mean "modality"?'],
    ['- modality: text\n', 'wrong.yaml: the description of a model: must be a mapping, for example "modality: image"'],
    ['modality: text\npoling: mean\n', 'wrong.yaml: unknown key "poling" in the description of a model; did you mean "pooling"?'],
    ['modality: text\npooling: sum\n', 'wrong.yaml: pooling: must be one of mean, cls, max'],
    ['input: {}\n', 'wrong.yaml: modality: must be the name of a modality'],
    ['{modality', 'wrong.yaml: neither YAML nor JSON ('],
  ])('is refused where it is wrong: %j', async (text, message) => {
    const path = file('wrong.onnx', embedder);
    file('wrong.yaml', text);
    await expect(readModelSpec(path)).rejects.toThrow(message);
  });

  it('is refused where the file is no model', async () => {
    await expect(readModelSpec(file('noise.onnx', 'a file of text\n'))).rejects.toThrow('noise.onnx: not an ONNX model');
    await expect(readModelSpec(file('empty.onnx', ''))).rejects.toThrow('empty.onnx: not an ONNX model');
    await expect(readModelSpec(file('cut.onnx', embedder.subarray(0, 5000)))).rejects.toThrow('cut.onnx: the model is cut short');
  });
});

describe('the hash of a model', () => {
  it('is also that of the files in which it keeps weights', async () => {
    const graph = { ...doubling(), external: ['w.bin', 'v.bin'].map((name) => ({ name, type: 'float32', dims: [2] }) as const) };
    const model = onnxModel(graph);
    expect(externalFiles(model)).toEqual(['v.bin', 'w.bin']);
    expect(externalFiles(embedder)).toEqual([]);
    const path = file('outside.onnx', model);
    await expect(hashModel(model, path)).rejects.toThrow(/outside.onnx: its weights .*v.bin cannot be read/);
    file('v.bin', 'abcdefgh');
    file('w.bin', 'ijklmnop');
    const before = await hashModel(model, path);
    file('w.bin', 'ijklmnoP');
    expect(await hashModel(model, path)).not.toBe(before);
  });
});
