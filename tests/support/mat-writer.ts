import { deflateSync } from 'node:zlib';
import type { MatValue } from '../../src/datasets/convert/mat5.js';

/** How a file is written. */
export interface MatLayout {
  readonly little?: boolean;
  readonly compressed?: boolean;
  /** Whether up to four bytes of data stand in their tag. */
  readonly small?: boolean;
}

/** Numbers of MATLAB's types: of data, and of arrays. */
const [INT8, INT32, UINT16, UINT32, DOUBLE, MATRIX, COMPRESSED] = [1, 5, 4, 6, 9, 14, 15];
const CLASSES = { cells: 1, structs: 2, text: 4, numbers: 6, other: 5 } as const;

/** Variables as a MATLAB file of version 5: numbers as doubles, texts as UTF-16. */
export function writeMat(variables: Readonly<Record<string, MatValue>>, layout: MatLayout = {}): Buffer {
  const { little = true, compressed = false, small = true } = layout;

  function word(value: number, bytes: 2 | 4 | 8, float = false): Buffer {
    const buffer = Buffer.alloc(bytes);
    const view = new DataView(buffer.buffer, buffer.byteOffset);
    if (float) view.setFloat64(0, value, little);
    else if (bytes === 2) view.setUint16(0, value, little);
    else view.setInt32(0, value, little);
    return buffer;
  }
  function element(type: number, data: Buffer): Buffer {
    if (small && data.length > 0 && data.length <= 4) return padded(Buffer.concat([word((data.length << 16) | type, 4), data]));
    const whole = Buffer.concat([word(type, 4), word(data.length, 4), data]);
    return type === COMPRESSED ? whole : padded(whole);
  }
  const words = (values: readonly number[], bytes: 2 | 4) => Buffer.concat(values.map((value) => word(value, bytes)));

  function matrix(name: string, value: MatValue): Buffer {
    const head = (size: number) => [
      element(UINT32, words([CLASSES[value.kind], 0], 4)),
      element(INT32, words([1, size], 4)),
      element(INT8, Buffer.from(name, 'latin1')),
    ];
    if (value.kind === 'numbers')
      return element(
        MATRIX,
        Buffer.concat([...head(value.values.length), element(DOUBLE, Buffer.concat(value.values.map((n) => word(n, 8, true))))]),
      );
    if (value.kind === 'text') {
      const codes = Array.from({ length: value.text.length }, (_, i) => value.text.charCodeAt(i));
      return element(MATRIX, Buffer.concat([...head(codes.length), element(UINT16, words(codes, 2))]));
    }
    if (value.kind === 'cells')
      return element(MATRIX, Buffer.concat([...head(value.cells.length), ...value.cells.map((cell) => matrix('', cell))]));
    if (value.kind === 'structs') {
      const fields = Object.keys(value.structs[0] ?? {});
      const width = Math.max(1, ...fields.map((field) => field.length + 1));
      const names = Buffer.concat(fields.map((field) => Buffer.from(field.padEnd(width, '\0'), 'latin1')));
      const values = value.structs.flatMap((struct) => fields.map((field) => matrix('', struct[field])));
      return element(
        MATRIX,
        Buffer.concat([...head(value.structs.length), element(INT32, word(width, 4)), element(INT8, names), ...values]),
      );
    }
    return element(MATRIX, Buffer.concat(head(0)));
  }

  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, written by a test');
  word(0x0100, 2).copy(header, 124);
  header.write(little ? 'IM' : 'MI', 126);
  const body = Object.entries(variables).map(([name, value]) => matrix(name, value));
  return Buffer.concat([header, ...body.map((bytes) => (compressed ? element(COMPRESSED, deflateSync(bytes)) : bytes))]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}
