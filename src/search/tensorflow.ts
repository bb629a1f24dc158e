/** A tensor of TensorFlow.js, as far as it is used here. */
export interface Tensor {
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/**
 * An instance of TensorFlow.js, as far as it is used here: `@tensorflow/tfjs` with any backend (`cpu`, `wasm`, `webgl`, `webgpu`),
 * `@tensorflow/tfjs-node`, `@tensorflow/tfjs-node-gpu`. T, its own type of tensors, is inferred from `tensor2d` alone: the others are generic there.
 */
export interface Tensorflow<T extends Tensor = Tensor> {
  ready(): Promise<void>;
  getBackend(): string;
  tensor2d(values: Float32Array, shape: [number, number]): T;
  transpose(x: NoInfer<T>): NoInfer<T>;
  matMul(a: NoInfer<T>, b: NoInfer<T>): NoInfer<T>;
  sub(a: NoInfer<T>, b: NoInfer<T>): NoInfer<T>;
  topk(x: NoInfer<T>, k: number, sorted: boolean): { values: NoInfer<T>; indices: NoInfer<T> };
}
