import { describe, expect, it } from 'vitest';
import { parseChain, parsePostprocessor } from '../../src/postprocess/registry.js';
import { readSpec, usageOf } from '../../src/postprocess/spec.js';

describe('parsePostprocessor', () => {
  it.each([
    ['constant-threshold:0.8', 'constant-threshold', { threshold: 0.8 }],
    ['constant: -1.5e-3', 'constant-threshold', { threshold: -0.0015 }],
    ['adaptive-threshold:factor=2', 'adaptive-threshold', { factor: 2 }],
    ['top:50', 'top', { count: 50 }],
    ['z-norm', 'z-norm', {}],
    ['csls', 'csls', { k: 10 }],
    ['csls:k=5', 'csls', { k: 5 }],
    ['mmr', 'mmr', { lambda: 0.5, topN: 100 }],
    ['mmr:lambda=0.7@20', 'mmr', { lambda: 0.7, topN: 20 }],
    ['collapse:product', 'collapse', { column: 'product' }],
    ['blend:other.arrow@0.3', 'blend', { file: 'other.arrow', normalise: 'min-max', weight: 0.3 }],
    ['blend:other.arrow,zmuv@0.3', 'blend', { file: 'other.arrow', normalise: 'zmuv', weight: 0.3 }],
  ])('reads %s', async (spec, name, params) => {
    expect(await parsePostprocessor(spec)).toMatchObject({ name, params });
  });

  it.each([
    ['constant-treshold:1', 'unknown post-processor "constant-treshold" (there are: constant-threshold, adaptive-threshold, top'],
    ['constant-treshold:1', '; did you mean "constant-threshold"?'],
    ['adaptiv:1', '; did you mean "adaptive"?'],
    ['', 'unknown post-processor ""'],
    ['constant-threshold', 'threshold is missing; write constant-threshold:threshold=NUMBER'],
    ['constant-threshold:x', 'threshold must be a number, not "x"'],
    ['constant-threshold:1,2', 'no parameter for "2"'],
    ['constant-threshold:1,threshold=2', 'threshold is given twice'],
    ['adaptive-threshold:size=2', 'no parameter for "size=2"'],
    ['adaptive-threshold:0', 'the factor must be a positive number, not 0'],
    ['top:0', 'the count must be a positive integer, not 0'],
  ])('refuses %s', async (spec, message) => {
    await expect(parsePostprocessor(spec)).rejects.toThrow(message);
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
    await expect(parseChain('top:1 |')).rejects.toThrow('unknown post-processor ""');
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
