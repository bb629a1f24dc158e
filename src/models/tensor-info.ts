import type { TensorInfo } from '../runtime/onnx-session.js';

const FLOATS = ['float32', 'float16'];

/** Whether a model takes or gives numbers for any batch there. */
export function isOpenFloat({ type, shape: [batch] }: TensorInfo): boolean {
  return FLOATS.includes(type) && typeof batch === 'string';
}

/** An input or output in words: `x float32 [batch, 3]`. */
export function described({ name, type, shape }: TensorInfo): string {
  return `${name} ${type} [${shape.join(', ')}]`;
}

/** Several of them: `x float32 [batch, 3], y float32 [batch]`. */
export function listed(tensors: readonly TensorInfo[]): string {
  return tensors.map(described).join(', ');
}
