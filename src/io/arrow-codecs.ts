import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decompress } from 'fzstd';
import { decompressLz4 } from './lz4-frame.js';

/** Lets apache-arrow read (never write) record batches whose buffers are compressed, as Feather files of pyarrow are. */
export function registerCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (data) => decompressLz4(data) });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (data) => aligned(decompress(data)) });
}

/** Typed arrays of 8-byte values cannot begin just anywhere in a buffer. */
function aligned(data: Uint8Array): Uint8Array {
  return data.byteOffset % 8 === 0 ? data : data.slice();
}
