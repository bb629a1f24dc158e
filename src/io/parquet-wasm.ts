import { createRequire } from 'node:module';

/** The parquet-wasm module; it is loaded when first used, because compiling 5 MB of WebAssembly takes a moment. */
export type ParquetWasm = typeof import('parquet-wasm/node');

let loaded: ParquetWasm | undefined;

export function parquetWasm(): ParquetWasm {
  loaded ??= createRequire(import.meta.url)('parquet-wasm/node') as ParquetWasm;
  return loaded;
}
