import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { closeChain, parseChain, parsePostprocessor, postprocessorUsages, registerPostprocessor } from '../../src/postprocess/registry.js';
import { readSpec, usageOf } from '../../src/postprocess/spec.js';
import { top } from '../../src/postprocess/top.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { temporaryFolder } from '../support/tables.js';

describe('parsePostprocessor', () => {
  it.each([
    ['constant-threshold:0.8', 'constant-threshold', { threshold: 0.8 }],
    ['constant: -1.5e-3', 'constant-threshold', { threshold: -0.0015 }],
    ['adaptive-threshold:factor=2', 'adaptive-threshold', { factor: 2 }],
    ['top:50', 'top', { count: 50 }],
    ['k-reciprocal', 'k-reciprocal', { k1: 20, k2: 6, lambda: 0.3 }],
    ['k-reciprocal:k1=10,lambda=0', 'k-reciprocal', { k1: 10, k2: 6, lambda: 0 }],
    ['z-norm', 'z-norm', {}],
    ['csls', 'csls', { k: 10 }],
    ['csls:k=5', 'csls', { k: 5 }],
    ['mmr', 'mmr', { lambda: 0.5, topN: 100 }],
    ['mmr@20', 'mmr', { lambda: 0.5, topN: 20 }],
    ['mmr:lambda=0.7@20', 'mmr', { lambda: 0.7, topN: 20 }],
    ['collapse:product', 'collapse', { column: 'product' }],
    ['blend:other.arrow@0.3', 'blend', { file: 'other.arrow', normalise: 'min-max', weight: 0.3 }],
    ['blend:other.arrow,zmuv@0.3', 'blend', { file: 'other.arrow', normalise: 'zmuv', weight: 0.3 }],
  ])('reads %s', async (spec, name, params) => {
    expect(await parsePostprocessor(spec)).toMatchObject({ name, params });
  });

  it.each([
    ['constant-treshold:1', 'unknown post-processor "constant-treshold" (there are: constant-threshold, adaptive-threshold, '],
    ['constant-treshold:1', '; did you mean "constant-threshold"?'],
    ['adaptiv:1', '; did you mean "adaptive"?'],
    ['', 'an empty post-processor in the chain'],
    ['constant-threshold', 'threshold is missing; write constant-threshold:threshold=NUMBER'],
    ['mmr@x', 'topN must be a number, not "x"'],
    ['constant@1', 'threshold must be a number, not "@1"'],
    ['constant-threshold:x', 'threshold must be a number, not "x"'],
    ['constant-threshold:1e999', 'threshold must be a number, not "1e999"'],
    ['adaptive-threshold:-Infinity', 'factor must be a number, not "-Infinity"'],
    ['constant-threshold:1,2', 'no parameter for "2"'],
    ['constant-threshold:1,threshold=2', 'threshold is given twice'],
    ['adaptive-threshold:size=2', 'no parameter for "size=2"'],
    ['adaptive-threshold:0', 'the factor must be a positive number, not 0'],
    ['top:0', 'the count must be a positive integer, not 0'],
  ])('refuses %s', async (spec, message) => {
    await expect(parsePostprocessor(spec)).rejects.toThrow(message);
  });
});

describe('rerank', () => {
  const model = writeModel(temporaryFolder(), 'pairs.onnx', pairGraph({ shape: [2] }));

  it('opens its model, whose path is not told', async () => {
    const step = await parsePostprocessor(`rerank:${model},batch=3,orders=both,device=cpu@10`);
    expect(step).toMatchObject({
      name: 'rerank',
      params: { model: 'pairs.onnx', topN: 10, orders: 'both' },
      needs: ['queries', 'gallery'],
      itemShape: [2],
    });
    const queries = EmbeddingBatch.fromMatrix({ data: Float32Array.of(1, 0), rows: 1, dim: 2 });
    const gallery = await Gallery.load([EmbeddingBatch.fromMatrix({ data: Float32Array.of(4, 0, 2, 0), rows: 2, dim: 2 })]);
    const rr = RetrievalResults.fromLists({ retrieved: [[0, 1]], distances: [[0, 1]] });
    const after = await step.process(RetrievalResults.trusted({ ...rr, queries }), { gallery }, undefined);
    // Query first: 7 and 3; gallery item first: 2 and 0.
    expect([...after.ids]).toEqual([1, 0]);
    expect([...after.distances]).toEqual([1.5, 4.5]);
    await closeChain([step]);
    await expect((async () => step.process(RetrievalResults.trusted({ ...rr, queries }), { gallery }, undefined))()).rejects.toThrow(
      'thread was closed',
    );
  });

  it.each([
    ['@10', 'model is missing; write rerank:model=TEXT[,batch=NUMBER][,orders=one][,device=cpu][,max-length=NUMBER][,output=score]@topN'],
    ['', 'topN is missing'],
    ['@1', 'topN must be an integer of at least 2, not 1'],
    [',batch=1.5@5', 'the batch size must be a positive integer, not 1.5'],
    [',orders=three@5', 'orders must be one of one, both, not "three"'],
    [',device=gpu@5', 'unknown device "gpu" (known: auto, cpu, webgpu, cuda)'],
  ])('refuses %s', async (rest, message) => {
    await expect(parsePostprocessor(rest === '@10' ? 'rerank:@10' : `rerank:${model}${rest}`)).rejects.toThrow(message);
  });
});

describe('parseChain', () => {
  it('takes steps joined by |, in a list, and both', async () => {
    const names = (chain: readonly { name: string }[]) => chain.map(({ name }) => name);
    const three = ['constant-threshold', 'adaptive-threshold', 'top'];
    expect(names(await parseChain('constant:0.8 | adaptive:2|top:50'))).toEqual(three);
    expect(names(await parseChain(['constant:0.8', 'adaptive:2', 'top:50']))).toEqual(three);
    expect(names(await parseChain(['constant:0.8 | adaptive:2', 'top:50']))).toEqual(three);
    expect(await parseChain([])).toEqual([]);
    await expect(parseChain('top:1 |')).rejects.toThrow('an empty post-processor in the chain; write its name (');
  });
});

describe('a parameter behind an @', () => {
  const params = [
    { name: 'model', kind: 'text' },
    { name: 'batch', optional: true },
    { name: 'topN', at: true },
  ] as const;
  const read = (list: string) => readSpec(`rerank:${list}`, list, params, usageOf('rerank', params));

  it('is read wherever the others stand', () => {
    expect(read('model.onnx@10')).toEqual(['model.onnx', undefined, 10]);
    expect(read('a@b.onnx,32@5')).toEqual(['a@b.onnx', 32, 5]);
    expect(read('topN=7,model=m.onnx')).toEqual(['m.onnx', undefined, 7]);
  });

  it('is told in the usage', () => {
    expect(() => read('model.onnx')).toThrow('topN is missing; rerank:model=TEXT[,batch=NUMBER]@topN');
    expect(() => read('model.onnx@ten')).toThrow('topN must be a number, not "ten"');
    expect(() => read('@10')).toThrow('model is missing');
  });
});

describe('postprocessorUsages', () => {
  it.each([
    ['csls', ''],
    ['mmr', ''],
    ['k-reciprocal', ''],
    ['blend', ':other.arrow@0.3'],
  ])('tells what holds where a parameter of %s is left out', async (name, rest) => {
    const usage = postprocessorUsages().find((one) => one.startsWith(`${name}:`)) as string;
    const { params } = await parsePostprocessor(name + rest);
    const told = [...usage.matchAll(/\[,?(?:(\w+)=|@)([\w.-]+)\]/g)].map(([, param = 'topN', value]) => [param, value]);
    expect(told.length).toBeGreaterThan(0);
    for (const [param, value] of told) expect(String(params[param])).toBe(value);
  });
});

describe('registerPostprocessor', () => {
  const family = { aliases: ['first'], params: [{ name: 'count' }], make: (count: number) => top(count) };

  it('makes a step known by its names', async () => {
    registerPostprocessor('nearest', family);
    expect(await parsePostprocessor('first:7')).toMatchObject({ name: 'top', params: { count: 7 } });
    expect(postprocessorUsages()).toContain('nearest:count=NUMBER');
    await expect(parsePostprocessor('nearst:7')).rejects.toThrow('did you mean "nearest"?');
  });

  it.each([
    ['top', {}, 'there is already a post-processor "top"'],
    ['constant', {}, 'there is already a post-processor "constant"'],
    ['mine', { aliases: ['csls'] }, 'there is already a post-processor "csls"'],
    ['a|b', {}, 'post-processor "a|b": a name is made of letters, digits, - and _'],
    ['', {}, 'a name is made of letters'],
  ])('refuses %j with %j', (name, more, message) => {
    expect(() => registerPostprocessor(name, { ...family, aliases: [], ...more })).toThrow(message);
  });
});
