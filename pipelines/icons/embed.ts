import { join } from 'node:path';
import type { Matrix } from '../../src/data/matrix.js';
import { openExtractor } from '../../src/models/extractor.js';
import { ASSETS } from './places.js';
import { PIXELS, SIDE } from './rasterise.js';

/** Images in one run of the model. */
const BATCH = 128;

/** The vectors of rasterised icons, one row each. */
export async function embedImages(images: Uint8Array): Promise<Matrix> {
  const name = 'icon-embedder';
  const extractor = await openExtractor({ name, file: join(ASSETS, `${name}.onnx`), spec: { modality: 'image', input: {} } });
  try {
    const parts = await Promise.all(Array.from(batches(images), (data) => extractor.embed({ input: tensorOf(data) })));
    const { dim } = parts[0];
    const data = new Float32Array((images.length / PIXELS) * dim);
    for (const [i, part] of parts.entries()) data.set(part.data, i * BATCH * dim);
    return { data, rows: images.length / PIXELS, dim };
  } finally {
    await extractor.close();
  }
}

function* batches(images: Uint8Array): Generator<Float32Array> {
  for (let start = 0; start < images.length; start += BATCH * PIXELS) {
    yield Float32Array.from(images.subarray(start, start + BATCH * PIXELS), (value) => value / 255);
  }
}

function tensorOf(data: Float32Array) {
  return { type: 'float32', data, dims: [data.length / PIXELS, 1, SIDE, SIDE] } as const;
}
