/** A tensor of TensorFlow.js, as far as it is used here. */
export interface Tensor {
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/**
 * An instance of TensorFlow.js, as far as it is used here: `@tensorflow/tfjs` with any backend (`cpu`, `wasm`, `webgl`, `webgpu`),
 * `@tensorflow/tfjs-node`, `@tensorflow/tfjs-node-gpu`.
 */
export interface Tensorflow {
  ready(): Promise<void>;
  getBackend(): string;
  tidy<T extends Tensor | { readonly [name: string]: Tensor }>(work: () => T): T;
  tensor1d(values: Float32Array): Tensor;
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  transpose(x: Tensor): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  topk(x: Tensor, k: number, sorted: boolean): { values: Tensor; indices: Tensor };
}
