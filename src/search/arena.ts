import { readFileSync } from 'node:fs';
import { built } from '../runtime/built.js';

/** A WebAssembly kernel over a memory of its own, with pieces of that memory as typed arrays. */
export interface Arena<Exports> {
  readonly exports: Exports;
  /** Reserves float32, int32 or int16 numbers, or bytes. */
  floats(length: number): Float32Array<ArrayBuffer>;
  ints(length: number): Int32Array<ArrayBuffer>;
  shorts(length: number): Int16Array<ArrayBuffer>;
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** Compiled once in a thread: code that has been running is also optimised. */
const modules = new Map<string, WebAssembly.Module>();

function moduleOf(kernel: string): WebAssembly.Module {
  const module = modules.get(kernel) ?? new WebAssembly.Module(readFileSync(built(import.meta.url, kernel)));
  modules.set(kernel, module);
  return module;
}

/**
 * @param kernel name of the built file, for example `scan.wasm`
 * @param bytes all that will ever be reserved, each piece rounded up to 64: ONNX Runtime writes into this memory, so that it must not move
 */
export function openArena<Exports>(kernel: string, bytes: number): Arena<Exports> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 });
  const exports = new WebAssembly.Instance(moduleOf(kernel), { env: { memory } }).exports as unknown as Exports;
  let end = 0;
  const reserve = (size: number) => {
    const start = end;
    end += Math.ceil(size / 64) * 64;
    return start;
  };
  return {
    exports,
    floats: (length) => new Float32Array(memory.buffer, reserve(length * 4), length),
    ints: (length) => new Int32Array(memory.buffer, reserve(length * 4), length),
    shorts: (length) => new Int16Array(memory.buffer, reserve(length * 2), length),
    bytes: (length) => new Uint8Array(memory.buffer, reserve(length), length),
  };
}
