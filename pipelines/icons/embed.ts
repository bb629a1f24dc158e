import { join } from 'node:path';
import type { Matrix } from '../../src/data/matrix.js';
import { Embedder } from '../../src/models/embedder.js';
import type { Tensor } from '../../src/runtime/onnx-session.js';
import { ASSETS } from './places.js';
import { PIXELS, SIDE } from './rasterise.js';

/** Images in one run of the model. */
const BATCH = 128;

/** The vectors of rasterised icons, one row each. */
export async function embedImages(images: Uint8Array): Promise<Matrix> {
  const embedder = await Embedder.open(join(ASSETS, 'icon-embedder.onnx'));
  try {
    const parts: Matrix[] = [];
    for await (const part of embedder.embedAll(batches(images))) parts.push(part);
    const { dim } = parts[0];
    const data = new Float32Array((images.length / PIXELS) * dim);
    for (const [i, part] of parts.entries()) data.set(part.data, i * BATCH * dim);
    return { data, rows: images.length / PIXELS, dim };
  } finally {
    await embedder.close();
  }
}

function* batches(images: Uint8Array): Generator<Tensor> {
  for (let start = 0; start < images.length; start += BATCH * PIXELS) {
    const data = new Float32Array(images.subarray(start, start + BATCH * PIXELS));
    for (let i = 0; i < data.length; i++) data[i] /= 255;
    yield { type: 'float32', data, dims: [data.length / PIXELS, 1, SIDE, SIDE] };
  }
}
