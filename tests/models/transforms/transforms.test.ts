import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { fromFloat16 } from '../../../src/models/float16.js';
import { applyTransform, type Picture, parseTransform, refuseMisfit, transformedShape } from '../../../src/models/transforms/index.js';
import { NAMED } from '../../../src/models/transforms/named.js';
import { expected, pictureOf, REFERENCE, type ReferenceCase } from './reference.js';

/** Differences from a reference in bytes: of values 0 to 1 times 255, before normalisation. */
async function differences(reference: ReferenceCase): Promise<{ mean: number; max: number; shape: readonly number[] }> {
  const steps = parseTransform(reference.transform, 'case');
  const { data, shape } = applyTransform(steps, await pictureOf(reference.picture), 'float32');
  const last = steps.at(-1);
  const std = last && 'normalise' in last ? [last.normalise.std].flat() : [1, 1, 1];
  const plane = shape[1] * shape[2];
  const apart = expected(reference).map((value, i) => {
    const at = i * reference.every;
    return Math.abs(data[at] - value) * std[Math.floor(at / plane)] * 255;
  });
  return { mean: apart.reduce((sum, value) => sum + value, 0) / apart.length, max: Math.max(...apart), shape };
}

/**
 * Pillow 13 takes rows before columns where the height shrinks much more than the width (python-pillow/Pillow#9549); we take columns first, as every
 * version before it: the bytes between the passes are rounded elsewhere.
 */
const rowsFirst = ({ reference, picture, shape }: ReferenceCase) =>
  ['Pillow', 'torchvision'].includes(reference) && picture === 'noise-tall' && (shape[1] === 9 || shape[1] === 12);
/** OpenCV adds up bicubic in float32. */
const bicubicOpencv = ({ reference, transform }: ReferenceCase) => reference === 'OpenCV' && JSON.stringify(transform).includes('bicubic');

describe('transforms against torchvision, albumentations, Pillow, OpenCV and OML', () => {
  const named = REFERENCE.cases.map((one) => [`${one.reference}, ${one.picture}: ${JSON.stringify(one.transform)}`, one] as const);
  it.each(named)('%s', async (_, one) => {
    const { mean, max, shape } = await differences(one);
    expect(shape).toEqual(one.shape);
    if (rowsFirst(one)) expect(mean).toBeLessThan(0.3);
    else if (bicubicOpencv(one)) expect(mean).toBeLessThan(0.05);
    // Equal bytes; normalisation in float32 is apart by its own rounding.
    else expect(max).toBeLessThan(1e-4);
  });

  it('has values for each name', () => {
    const names = REFERENCE.cases.flatMap(({ transform }) => (Array.isArray(transform) ? [] : [(transform as { name: string }).name]));
    expect([...new Set(names)].sort()).toEqual(Object.keys(NAMED).sort());
  });
});

const side = fc.integer({ min: 1, max: 24 });
const size = fc.oneof(side, fc.tuple(side, side));
const antialias = fc.boolean();
const interpolation = fc.constantFrom('nearest', 'bilinear', 'bicubic', 'area');
const resize = fc.oneof(
  fc.record({ size: fc.tuple(side, side), interpolation, antialias }),
  fc.record({ size: side, interpolation, antialias, edge: fc.constantFrom('shorter', 'longest') }),
);
const byte = fc.integer({ min: 0, max: 255 });
const step = fc.oneof(
  resize.map((given) => ({ resize: given })),
  fc.record({ 'center-crop': fc.record({ size }) }),
  fc.record({ pad: fc.record({ size: fc.oneof(size, fc.constant('square')), value: byte }) }),
);
const number = fc.double({ min: 0.01, max: 2, noNaN: true });
/** Transforms with every default written down. */
const transform = fc
  .record({
    steps: fc.array(step, { maxLength: 3 }),
    channels: fc.constantFrom('gray', 'rgb', 'bgr', undefined),
    at: fc.nat(),
    normalise: fc.boolean(),
    numbers: fc.array(number, { minLength: 6, maxLength: 6 }),
  })
  .map(({ steps, channels, at, normalise, numbers }) => {
    const all: object[] = [...steps];
    if (channels) all.splice(at % (all.length + 1), 0, { channels });
    const most = channels === 'gray' ? 1 : 3;
    if (normalise) all.push({ normalise: { mean: numbers.slice(0, most), std: numbers.slice(3, 3 + most) } });
    return all;
  });
const picture: fc.Arbitrary<Picture> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 3), fc.integer())
  .map(([width, height, channels, seed]) => ({
    width,
    height,
    channels,
    data: Uint8Array.from({ length: width * height * channels }, (_, i) => Math.imul(i + 1, seed | 1) >>> 24),
  }));

describe('a transform as data', () => {
  it('is the same when it went through YAML', () => {
    fc.assert(
      fc.property(transform, (given) => {
        const steps = parseTransform(given, 'x');
        expect(steps).toEqual(given);
        expect(parseTransform(parse(stringify(steps)), 'x')).toEqual(steps);
      }),
    );
  });

  it('gives the shape that it says', () => {
    fc.assert(
      fc.property(transform, picture, (given, from) => {
        const steps = parseTransform(given, 'x');
        const { shape, data } = applyTransform(steps, from, 'float32');
        expect(data.length).toBe(shape[0] * shape[1] * shape[2]);
        for (const [i, said] of transformedShape(steps).entries()) if (typeof said === 'number') expect(shape[i]).toBe(said);
      }),
    );
  });

  it('keeps gray gray: the same picture stored with one channel and with three', () => {
    fc.assert(
      fc.property(transform, picture, (given, from) => {
        const gray = { ...from, channels: 1, data: from.data.filter((_, i) => i % from.channels === 0) };
        const colour = { ...gray, channels: 3, data: Uint8Array.from({ length: 3 * gray.data.length }, (_, i) => gray.data[(i / 3) | 0]) };
        const steps = parseTransform(given, 'x');
        expect(applyTransform(steps, gray, 'float32')).toEqual(applyTransform(steps, colour, 'float32'));
      }),
    );
  });

  it('leaves a picture of one value as it is, however it is resized', () => {
    fc.assert(
      fc.property(resize, picture, byte, (given, { width, height, channels, data }, value) => {
        const flat = { width, height, channels, data: data.map(() => value) };
        const made = applyTransform(parseTransform([{ resize: given }, { channels: 'gray' }], 'x'), flat, 'float32');
        // OpenCV cuts off bits of both products.
        for (const v of made.data)
          expect(Math.abs(v * 255 - value)).toBeLessThan(given.antialias || given.interpolation !== 'bilinear' ? 1e-4 : 1.1);
      }),
    );
  });

  it('gives half precision as the rounded float32, and BGR as RGB backwards', () => {
    fc.assert(
      fc.property(picture, (from) => {
        const normalise = { normalise: { mean: [0.1, 0.2, 0.3], std: [3, 2, 1] } };
        const whole = applyTransform([normalise], from, 'float32');
        const half = applyTransform([normalise], from, 'float16');
        expect(half.shape).toEqual(whole.shape);
        const values = fromFloat16(half.data as Uint16Array);
        for (const [i, value] of whole.data.entries()) expect(Math.abs(values[i] - value)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
        const plane = from.width * from.height;
        const [rgb, bgr] = (['rgb', 'bgr'] as const).map((channels) => applyTransform([{ channels }], from, 'float32').data);
        for (let c = 0; c < 3; c++) {
          expect(bgr.slice(c * plane, (c + 1) * plane)).toEqual(rgb.slice((2 - c) * plane, (3 - c) * plane));
        }
      }),
    );
  });

  it('turns ink on paper into 1 - v / 255, each byte to the nearest float32', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const steps = parseTransform([{ channels: 'gray' }, { normalise: { mean: 1, std: -1 } }], 'x');
    const { data } = applyTransform(steps, { data: bytes, width: 256, height: 1, channels: 1 }, 'float32');
    expect(data).toEqual(Float32Array.from(bytes, (value) => (255 - value) / 255));
  });
});

describe('mistakes in a transform', () => {
  it.each<[unknown, string]>([
    [
      [{ resise: { size: 2 } }],
      'm.yaml: step 1 of the transform: unknown step "resise" (there are: resize, center-crop, pad, channels, normalise); did you mean "resize"?',
    ],
    [
      [{ resize: { size: 2, antalias: true } }],
      'm.yaml: step 1 of the transform, resize: unknown argument "antalias" (there are: size, edge, interpolation, antialias); did you mean "antialias"?',
    ],
    [[{ resize: {} }], 'm.yaml: step 1 of the transform, resize: size is missing; it must be a number of pixels, or [height, width]'],
    [[{ resize: { size: 0 } }], 'm.yaml: step 1 of the transform, resize: size must be at least 1'],
    [
      [{ resize: { size: [2, 2], edge: 'longest' } }],
      'm.yaml: step 1 of the transform, resize: edge goes with one side, not with [height, width]',
    ],
    [[{ resize: { size: 2, interpolation: 'cubic' } }], 'resize: interpolation must be one of nearest, bilinear, bicubic, area'],
    [['resize'], 'step 1 of the transform must be a mapping of one name to its arguments, for example resize: { size: 224 }'],
    [[{ channels: 'grey' }], 'm.yaml: step 1 of the transform, channels: must be gray, rgb or bgr'],
    [[{ channels: 'gray' }, { channels: 'rgb' }], 'm.yaml: a transform has one step "channels" at most'],
    [
      [{ channels: 'gray' }, { pad: { size: 3, value: [1, 2, 3] } }],
      'm.yaml: pad has a value for each of three channels, but the picture is gray by then',
    ],
    [
      [{ normalise: { mean: 0, std: 1 } }, { resize: { size: 2 } }],
      'm.yaml: normalise must be the last step of the transform, not step 1 of 2',
    ],
    [[{ normalise: { mean: [0, 0], std: 1 } }], 'm.yaml: normalise has 2 values for mean, but the picture has 3 channels'],
    [[{ normalise: { mean: 0, std: [1, 0, 1] } }], 'm.yaml: normalise divides by a std of 0'],
    [
      [{ normalise: { mean: [123.7, 116.3, 103.5], std: 58 } }],
      'm.yaml: normalise has a mean of 123.7, where values are 0 to 1; divide mean and std of bytes by 255',
    ],
    ['norm_torhc', 'm.yaml: unknown transform "norm_torhc" (there are: norm_albu, norm_resize_albu, '],
    ['norm_torhc', '; did you mean "norm_torch"?'],
    ['norm_resize_torch', 'm.yaml: norm_resize_torch: size is missing; it must be a whole number of pixels'],
    [{ name: 'norm_torch', size: 5 }, 'm.yaml: norm_torch: unknown argument "size" (there are: mean, std)'],
    [7, 'm.yaml: a transform is a list of steps, or a name (norm_albu, '],
    [null, 'm.yaml: a transform is a list of steps, or a name (norm_albu, '],
  ])('%j', (given, message) => {
    expect(() => parseTransform(given, 'm.yaml')).toThrow(message);
    expect(() => parseTransform(given, 'm.yaml')).toThrow(expect.objectContaining({ name: 'UserError' }));
  });

  it.each<[unknown, (number | string)[], string]>([
    [
      { name: 'norm_resize_torch', size: 256 },
      [3, 224, 192],
      'the transform gives [3, 256, 256], but m.onnx takes [3, 224, 192]; resize to size: [224, 192]',
    ],
    [[{ channels: 'gray' }], [3, 64, 64], 'the transform gives [1, height, width], but m.onnx takes [3, 64, 64]; take channels: rgb'],
    [[], [384], 'the transform gives [3, height, width], but m.onnx takes [384]'],
  ])('that does not fit the model: %j', (given, wanted, message) => {
    const shape = transformedShape(parseTransform(given, 'x'));
    expect(() => refuseMisfit(shape, wanted, 'm.onnx')).toThrow(message);
    refuseMisfit(shape, shape, 'm.onnx');
    refuseMisfit([3, 'height', 'width'], ['c', 8, 'w'], 'm.onnx');
  });
});
