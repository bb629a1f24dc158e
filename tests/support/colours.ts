import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { onnxModel } from '../../src/runtime/onnx-graph.js';

/*
 * Pictures and texts of colours, and two models that put them into one space of three dimensions, (red, green, blue): `pictures.onnx`, the mean colour of a
 * picture of 8 x 8 pixels, and `texts.onnx`, the mean of the colours that a text names.
 */

/** By the words of the tokenizer. */
export const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
  light: [1, 1, 1],
};

/** Writes both models, each with its description beside it, and the tokenizer. */
export function writeColourModels(folder: string): void {
  const pictures = onnxModel({
    nodes: [{ type: 'ReduceMean', inputs: ['pixels', 'axes'], outputs: ['colour'], attributes: { keepdims: 0 } }],
    constants: [{ name: 'axes', values: BigInt64Array.of(2n, 3n) }],
    inputs: [{ name: 'pixels', type: 'float32', dims: ['batch', 3, 8, 8] }],
    outputs: [{ name: 'colour', type: 'float32', dims: ['batch', 3] }],
  });
  writeFileSync(join(folder, 'pictures.onnx'), pictures);
  writeFileSync(join(folder, 'pictures.yaml'), 'modality: image\ninput:\n  transform: [{ resize: { size: [8, 8] } }]\n');

  const words = Object.keys(COLOURS);
  const texts = onnxModel({
    nodes: [
      { type: 'Reshape', inputs: ['weights', 'shape'], outputs: ['table'] },
      { type: 'Gather', inputs: ['table', 'input_ids'], outputs: ['colours'] },
    ],
    constants: [
      { name: 'weights', values: Float32Array.from([...Object.values(COLOURS).flat(), 0.5, 0.5, 0.5]) },
      { name: 'shape', values: BigInt64Array.of(BigInt(words.length + 1), 3n) },
    ],
    inputs: ['input_ids', 'attention_mask'].map((name) => ({ name, type: 'int64', dims: ['batch', 'tokens'] })),
    outputs: [{ name: 'colours', type: 'float32', dims: ['batch', 'tokens', 3] }],
  });
  writeFileSync(join(folder, 'texts.onnx'), texts);
  writeFileSync(join(folder, 'texts.yaml'), 'modality: text\npooling: mean\n');
  const vocab = Object.fromEntries([...words, '[UNK]'].map((word, id) => [word, id]));
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
}

/**
 * Four pictures of each colour.
 * @param pathOf within the folder, of the n-th picture of a colour
 * @returns of each picture its colour and its path
 */
export async function writeColourPictures(folder: string, pathOf: (colour: string, n: number) => string) {
  const pictures = Object.keys(COLOURS).flatMap((label) => [0, 1, 2, 3].map((n) => ({ label, path: pathOf(label, n) })));
  for (const [i, { label, path }] of pictures.entries()) await writePicture(join(folder, path), COLOURS[label], i);
  return pictures;
}

/** A picture of one colour with a pixel of another, so that each of its numbers is a different one. @returns its mean colour */
export async function writePicture(file: string, colour: readonly number[], seed: number): Promise<readonly number[]> {
  mkdirSync(join(file, '..'), { recursive: true });
  const bytes = colour.map((value, channel) => Math.round(200 * value) + ((seed * 7 + channel * 3) % 50));
  const pixels = Uint8Array.from({ length: 3 * 64 }, (_, i) => bytes[i % 3]);
  await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toFile(file);
  return bytes.map((byte) => byte / 255);
}
