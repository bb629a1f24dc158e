export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
/** Where a session runs. */
export type Device = (typeof DEVICES)[number];

/** A dense tensor; `int64` data is a BigInt64Array. */
export interface Tensor {
  readonly type: 'float32' | 'float16' | 'int32' | 'int64';
  /** Half precision is in a Uint16Array. */
  readonly data: Float32Array | Uint16Array | Int32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** Tensors by the names of inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** An input or an output of a model. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  /** A text is a side that is known when the model runs. */
  readonly shape: readonly (number | string)[];
}

/** What an ONNX session's thread is asked. */
export interface OpenRequest {
  readonly model: Uint8Array | string;
  readonly externalData: readonly { path: string; data: Uint8Array }[];
  readonly threads: number;
  readonly device: Device;
}

export interface RunRequest {
  readonly feeds: Tensors;
  readonly outputs: readonly string[];
  /** The feeds were handed over, and go back with the answer. */
  readonly giveBack?: boolean;
  /** Outputs that are written into shared memory instead of being returned. */
  readonly into?: Tensors;
}

export interface RunAnswer {
  readonly outputs: Record<string, Tensor>;
  /** Those that go back. */
  readonly feeds: Tensors;
}
