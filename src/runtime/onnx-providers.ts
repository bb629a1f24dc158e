import type { InferenceSession } from 'onnxruntime-node';
import type { Device } from './onnx-protocol.js';

/**
 * The execution providers of a session on a device. ONNX Runtime adds the CPU's at the end, for operators that the device lacks; a
 * provider that is named but cannot be opened is an error, not a silent fall-back.
 */
export function providers(device: Device): InferenceSession.ExecutionProviderConfig[] {
  return [{ name: device }];
}
