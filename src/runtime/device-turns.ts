import type { Device } from './onnx-protocol.js';
import { Pool } from './pool.js';

const webgpu = new Pool(['webgpu']);

/**
 * Runs `work` when the device is free. All WebGPU sessions of a process share one device inside ONNX Runtime, which is not safe for
 * threads: sessions that were opened, run or released at the same time in two threads ended the process with a segmentation fault
 * (onnxruntime-node 1.30). The other devices look after themselves.
 */
export function deviceTurn<R>(device: Device, work: () => Promise<R>): Promise<R> {
  return device === 'webgpu' ? webgpu.with(work) : work();
}
