import {
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
} from 'apache-arrow';
import { UserError } from '../data/errors.js';
import { type OpenFile, openFile, withFile } from './file.js';
import { npyHeader } from './npy-header.js';
import { DEFAULT_BATCH_ROWS, projection, type ReadOptions, type RecordBatchSource, recordBatchSource } from './source.js';

/** An open npy file: a matrix of floats whose rows are read as lists. */
export interface NpyMatrix {
  readonly rows: number;
  readonly dim: number;
  readonly field: Field;
  /** Rows [start, start + count) as one column. @throws UserError when the file ends before them */
  read(start: number, count: number): Promise<Data<FixedSizeList>>;
  close(): Promise<void>;
}

/** Arrow counts the items of a list in int32. */
const MAX_DIM = 2 ** 31 - 1;

const TYPES: Readonly<Record<string, { bytes: number; type: () => DataType }>> = {
  '<f2': { bytes: 2, type: () => new Float16() },
  '<f4': { bytes: 4, type: () => new Float32() },
  '<f8': { bytes: 8, type: () => new Float64() },
};

/** Reads a two-dimensional array as numpy.save writes it (format 1 to 3; float16, float32 or float64) as one column `embedding`. */
export function readNpy(path: string, options: ReadOptions = {}): RecordBatchSource {
  const batchRows = options.batchRows ?? DEFAULT_BATCH_ROWS;
  const step = Number.isFinite(batchRows) ? batchRows : DEFAULT_BATCH_ROWS;
  projection(path, ['embedding'], options.columns);
  return recordBatchSource(path, options, {
    describe: () =>
      withFile(path, async (file) => {
        const { rows, field } = await matrixOf(file);
        return { schema: new Schema([field]), rows, bytes: file.size };
      }),
    async *batches() {
      const matrix = await openNpy(path);
      const schema = new Schema([matrix.field]);
      try {
        for (let start = 0; start < matrix.rows; start += step) {
          const column = await matrix.read(start, Math.min(step, matrix.rows - start));
          const data = makeData({ type: new Struct(schema.fields), length: column.length, nullCount: 0, children: [column] });
          yield new RecordBatch(schema, data);
        }
      } finally {
        await matrix.close();
      }
    },
  });
}

/** @throws UserError for what is not npy, not two-dimensional, not C order, not little-endian floats, or truncated */
export async function openNpy(path: string): Promise<NpyMatrix> {
  const file = await openFile(path);
  try {
    return await matrixOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function matrixOf(file: OpenFile): Promise<NpyMatrix> {
  const { path } = file;
  const { descr, shape, start } = await npyHeader(file);
  const kind = TYPES[descr.slice(1, -1)];
  if (!kind)
    throw new UserError(`${path}: numbers of type ${descr}; give float16, float32 or float64, little-endian (array.astype('<f4'))`);
  if (shape.length !== 2) throw new UserError(`${path}: an array of shape (${shape.join(', ')}); embeddings are rows x dimension`);
  const [rows, dim] = shape;
  if (dim === 0) throw new UserError(`${path}: an array of shape (${rows}, 0); embeddings need at least one number`);
  if (dim > MAX_DIM) throw new UserError(`${path}: an array of shape (${rows}, ${dim}); embeddings have at most ${MAX_DIM} numbers`);
  const rowBytes = dim * kind.bytes;
  if (file.size - start < rows * rowBytes) {
    throw new UserError(`${path}: truncated: it should hold ${rows} rows, and ends in row ${Math.floor((file.size - start) / rowBytes)}`);
  }
  const item = kind.type();
  const type = new FixedSizeList(dim, new Field('item', item, true));
  return {
    rows,
    dim,
    field: new Field('embedding', type, false),
    async read(first, count) {
      const bytes = new Uint8Array(count * rowBytes);
      const got = await file.read(bytes, start + first * rowBytes);
      if (got < bytes.length) throw new UserError(`${path}: truncated in row ${first + Math.floor(got / rowBytes)} while it was read`);
      const child = makeData({ type: item as Float32, length: count * dim, nullCount: 0, data: floats(bytes, kind.bytes) as Float32Array });
      return makeData({ type, length: count, nullCount: 0, child });
    },
    close: () => file.close(),
  };
}

function floats(bytes: Uint8Array, width: number): Uint16Array | Float32Array | Float64Array {
  if (width === 2) return new Uint16Array(bytes.buffer);
  return width === 4 ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}
