import { type DataType, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { type ColumnNames, EmbeddingBatch, ROLES, roleColumns } from '../data/embedding-batch.js';
import { UserError } from '../data/errors.js';
import { openNpy } from './npy.js';
import { readTable } from './open.js';
import type { RecordBatchSource, TableInfo } from './source.js';

export interface EmbeddingOptions {
  /** The most rows of a batch (default 4096). */
  readonly batchRows?: number;
  /** Which columns play which roles, where they are not called so. */
  readonly columns?: ColumnNames;
  /** A .npy file with the embeddings of a table that has none, row by row. */
  readonly embeddings?: string;
  /** What messages call the table (default: its path). */
  readonly source?: string;
}

/** Checked batches of embeddings; re-iterable, except stdin. */
export interface EmbeddingSource extends AsyncIterable<EmbeddingBatch> {
  /** The path, `-` for stdin. */
  readonly source: string;
  /** Number of rows; known once `columnNames` has answered, if the format knows it at all. */
  readonly rows?: number;
  /** The columns under the names of their roles, as the batches will have them, the embedding included. @throws UserError as reading does */
  columnNames(): Promise<string[]>;
}

/**
 * Reads embeddings from any table. Rows are numbered through the file, and every batch must have the first one's dimension.
 * @throws UserError for an unknown ending; iterating throws what `readTable` and `EmbeddingBatch.fromArrow` do, and, with `embeddings`, when the two
 * files differ in their number of rows or the table has embeddings of its own
 */
export function readEmbeddings(path: string, options: EmbeddingOptions = {}): EmbeddingSource {
  const names = options.columns ?? {};
  const embedding = names.embedding ?? ROLES.embedding;
  const table = {
    ...readTable(path, { batchRows: options.batchRows, embedding }),
    ...(options.source !== undefined && { source: options.source }),
  };
  const joined = options.embeddings === undefined ? undefined : joinNpy(table, options.embeddings, embedding);
  let rows: number | undefined;
  return {
    source: table.source,
    get rows() {
      return rows;
    },
    async columnNames() {
      const info = await (joined ?? table).describe();
      rows = info.rows;
      return [...roleColumns(info.schema.names as string[], table.source, names).keys()];
    },
    async *[Symbol.asyncIterator]() {
      let firstRow = 0;
      let dim: number | undefined;
      for await (const record of joined ?? table) {
        const batch = EmbeddingBatch.fromArrow(record, { source: table.source, firstRow, dim }, names);
        if (batch.rows > 0) dim = batch.dim;
        firstRow += batch.rows;
        yield batch;
      }
      rows = firstRow;
    },
  };
}

/** A table with one more column, the rows of an npy file. */
function joinNpy(table: RecordBatchSource, path: string, name: string): RecordBatchSource {
  const disagree = (rows: number, expected: number, more = '') =>
    new UserError(`${table.source} has ${more}${rows} rows, but ${path} has ${expected}; they are joined row by row`);
  const extended = (schema: Schema, field: Schema['fields'][number]) => {
    if (schema.names.includes(name))
      throw new UserError(`${table.source}: there is a column "${name}" already; leave ${path} away, or name another column`);
    return new Schema<Record<string, DataType>>([...schema.fields, field.clone({ name })], schema.metadata);
  };
  return {
    source: table.source,
    async describe(): Promise<TableInfo> {
      const info = await table.describe();
      const matrix = await openNpy(path);
      try {
        if (info.rows !== undefined && info.rows !== matrix.rows) throw disagree(info.rows, matrix.rows);
        return { ...info, schema: extended(info.schema, matrix.field), rows: matrix.rows };
      } finally {
        await matrix.close();
      }
    },
    async *[Symbol.asyncIterator]() {
      const matrix = await openNpy(path);
      try {
        let row = 0;
        for await (const batch of table) {
          const schema = extended(batch.schema, matrix.field);
          if (row + batch.numRows > matrix.rows) throw disagree(row + batch.numRows, matrix.rows, 'at least ');
          const children = [...batch.data.children, await matrix.read(row, batch.numRows)];
          yield new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children }));
          row += batch.numRows;
        }
        if (row !== matrix.rows) throw disagree(row, matrix.rows);
      } finally {
        await matrix.close();
      }
    },
  };
}
