import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

const require = createRequire(import.meta.url);

/** TensorFlow.js with one of the backends that run everywhere. */
export async function tensorflow(backend: 'wasm' | 'cpu'): Promise<typeof tf> {
  // Without it the package advertises its siblings.
  tf.enableProdMode();
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend(backend);
  await tf.ready();
  return tf;
}
