import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Arrays in NumPy's format, for the Python peers; written piece by piece. */
export interface NpyWriter {
  write(values: Float32Array | Int32Array): void;
  close(): void;
}

/** @param shape rows, or rows and columns @param type `<f4` or `<i4` */
export function openNpy(path: string, type: '<f4' | '<i4', shape: readonly number[]): NpyWriter {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version and length take 10 bytes; the data starts at a multiple of 64.
  const length = Math.ceil((header.length + 11) / 64) * 64 - 10;
  const head = Buffer.alloc(10 + length, ' ');
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(length, 8);
  head.write(header, 10);
  head.write('\n', 9 + length);
  const file = openSync(path, 'w');
  writeSync(file, head);
  return {
    write: (values) => {
      writeSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    },
    close: () => closeSync(file),
  };
}

/** A file that `openNpy` wrote, read piece by piece. */
export interface NpyReader {
  readonly rows: number;
  /** Numbers of a row. */
  readonly width: number;
  readonly type: '<f4' | '<i4';
  /** Fills `values`, from row `first` on. */
  read(first: number, values: Float32Array | Int32Array): void;
  close(): void;
}

export function openNpyReader(path: string): NpyReader {
  const file = openSync(path, 'r');
  const head = Buffer.alloc(10);
  readSync(file, head);
  const start = 10 + head.readUInt16LE(8);
  const text = Buffer.alloc(start - 10);
  readSync(file, text);
  const [, shape] = /'shape': \(([^)]*)\)/.exec(text.toString('latin1')) ?? [];
  const [rows, width = 1] = shape.split(',').filter(Boolean).map(Number);
  return {
    rows,
    width,
    type: text.includes("'<f4'") ? '<f4' : '<i4',
    read(first, values) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, bytes.length - at, start + first * width * 4 + at);
    },
    close: () => closeSync(file),
  };
}

/** The first rows of a file that `openNpy` wrote. */
export function readNpy(path: string, most = Number.POSITIVE_INFINITY): { rows: number; data: Float32Array | Int32Array } {
  const file = openNpyReader(path);
  const rows = Math.min(most, file.rows);
  const data = file.type === '<f4' ? new Float32Array(rows * file.width) : new Int32Array(rows * file.width);
  file.read(0, data);
  file.close();
  return { rows, data };
}
