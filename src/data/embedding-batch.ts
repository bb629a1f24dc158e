import { DataType, type RecordBatch, type Vector } from 'apache-arrow';
import { type Columns, concatColumns, flagsOf, keysOf, takeRows } from './columns.js';
import { readEmbeddings } from './embeddings-column.js';
import { didYouMean, UserError } from './errors.js';
import type { Matrix } from './matrix.js';

/** The roles that a column can play, and the column that plays it by default. */
export const ROLES = {
  embedding: 'embedding',
  id: 'id',
  label: 'label',
  category: 'category',
  sequence: 'sequence',
  is_query: 'is_query',
  is_gallery: 'is_gallery',
} as const;
export type Role = keyof typeof ROLES;

/** Which column plays a role, where it is not the default: `{ label: 'product_id' }`. */
export type ColumnNames = Partial<Record<Role, string>>;

export interface BatchPlace {
  /** The file or stream, for messages. */
  readonly source: string;
  /** Row of the source at which the batch starts. */
  readonly firstRow: number;
  /** The dimension to demand; by default that of the first vector. */
  readonly dim?: number;
}

/**
 * A checked, immutable batch of embeddings: `vectors` (rows x dim float32, finite) and the columns that came with them.
 * Columns with a role (label, category, sequence, id, is_query, is_gallery) stand under the role's default name; all others ride along untouched.
 */
export class EmbeddingBatch implements Matrix {
  private constructor(
    /** Row-major vectors, rows x dim. */
    readonly data: Float32Array,
    readonly rows: number,
    readonly dim: number,
    /** Every other column. */
    readonly columns: Columns,
    /** The file or stream the rows come from, for messages. */
    readonly source: string,
    /** Row of the set (file, query set or gallery) at which the batch starts. */
    readonly firstRow: number,
    /** For each row the gallery row of the very same item, or -1; absent when queries and gallery are different sets. */
    readonly self?: Int32Array,
  ) {}

  /**
   * Reads and checks a record batch.
   * @throws UserError naming file, row and column: no embedding column, a null, ragged, NaN or infinite embedding, a duplicate id in the batch
   */
  static fromArrow(record: RecordBatch, place: BatchPlace, names: ColumnNames = {}): EmbeddingBatch {
    const columns: Record<string, Vector> = {};
    const places = roleColumns(
      record.schema.fields.map((field) => field.name),
      place.source,
      names,
    );
    for (const [name, index] of places) if (name !== 'embedding') columns[name] = record.getChildAt(index) as Vector;
    const embedding = names.embedding ?? ROLES.embedding;
    const column = record.getChildAt(places.get('embedding')!) as Vector;
    const matrix = readEmbeddings(column, { source: place.source, column: embedding, firstRow: place.firstRow }, place.dim);
    refuseDuplicates(columns.id, place);
    const batch = new EmbeddingBatch(matrix.data, matrix.rows, matrix.dim, columns, place.source, place.firstRow);
    // Read now, where the rows are still those of the file; other types cannot hold a wrong value.
    for (const role of ['label', 'sequence'] as const)
      if (columns[role] && DataType.isFloat(columns[role].type)) readAll(batch, batch.keys(role));
    for (const role of ['is_query', 'is_gallery'] as const) readAll(batch, batch.flags(role));
    return batch;
  }

  /** A batch of vectors from memory with optional columns. @throws UserError when lengths disagree or a value is not finite */
  static fromMatrix(matrix: Matrix, columns: Columns = {}, place: BatchPlace = { source: 'memory', firstRow: 0 }): EmbeddingBatch {
    if (matrix.data.length !== matrix.rows * matrix.dim) {
      throw new UserError(`${place.source}: ${matrix.data.length} numbers are not ${matrix.rows} rows of ${matrix.dim}`);
    }
    for (let i = 0; i < matrix.data.length; i++) {
      if (matrix.data[i] - matrix.data[i] !== 0) {
        throw new UserError(`${place.source}, row ${place.firstRow + Math.floor(i / matrix.dim)}: the embedding is not finite`);
      }
    }
    for (const [name, column] of Object.entries(columns)) {
      if (column.length !== matrix.rows)
        throw new UserError(`${place.source}, column "${name}": ${column.length} values for ${matrix.rows} rows`);
    }
    return new EmbeddingBatch(matrix.data, matrix.rows, matrix.dim, columns, place.source, place.firstRow);
  }

  /**
   * Consecutive batches of one source as one, in buffers of its own.
   * @throws UserError when dimensions or columns differ
   */
  static concat(parts: readonly EmbeddingBatch[]): EmbeddingBatch {
    const [first] = parts;
    if (parts.length === 1) return first;
    const dim = parts.find(({ rows }) => rows > 0)?.dim ?? first.dim;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const data = new Float32Array(rows * dim);
    const self = first.self && new Int32Array(rows);
    let at = 0;
    for (const part of parts) {
      if (part.rows > 0 && part.dim !== dim) throw new UserError(`${part.source}: dimension ${part.dim}, but ${dim} before`);
      data.set(part.data, at * dim);
      if (part.self) self?.set(part.self, at);
      at += part.rows;
    }
    const columns = concatColumns(parts.map((part) => part.columns));
    return new EmbeddingBatch(data, rows, dim, columns, first.source, first.firstRow, self);
  }

  /** Rows [start, end), sharing buffers. */
  slice(start: number, end: number): EmbeddingBatch {
    const columns = Object.fromEntries(Object.entries(this.columns).map(([name, column]) => [name, column.slice(start, end)]));
    const data = this.data.subarray(start * this.dim, end * this.dim);
    return new EmbeddingBatch(data, end - start, this.dim, columns, this.source, this.firstRow + start, this.self?.subarray(start, end));
  }

  /** The rows `indices`; they become rows `firstRow`, `firstRow + 1`, ... of a subset (the queries, or the gallery, of a table). */
  take(indices: Int32Array, firstRow: number): EmbeddingBatch {
    const all = indices.length === this.rows && indices.every((row, i) => row === i);
    const data = all ? this.data : new Float32Array(indices.length * this.dim);
    if (!all) for (const [i, row] of indices.entries()) data.set(this.data.subarray(row * this.dim, (row + 1) * this.dim), i * this.dim);
    const columns = all ? this.columns : Object.fromEntries(Object.entries(this.columns).map(([name, c]) => [name, takeRows(c, indices)]));
    return new EmbeddingBatch(
      data,
      indices.length,
      this.dim,
      columns,
      this.source,
      firstRow,
      this.self && Int32Array.from(indices, (row) => this.self![row]),
    );
  }

  /** The same batch, knowing which gallery rows are its own items. @param self gallery row, or -1, for each row */
  withSelf(self: Int32Array): EmbeddingBatch {
    return new EmbeddingBatch(this.data, this.rows, this.dim, this.columns, this.source, this.firstRow, self);
  }

  /** The same rows with other vectors, of any dimension. @throws UserError as `fromMatrix` */
  withVectors(matrix: Matrix): EmbeddingBatch {
    const { data, rows, dim, columns } = EmbeddingBatch.fromMatrix(matrix, this.columns, this);
    return new EmbeddingBatch(data, rows, dim, columns, this.source, this.firstRow, this.self);
  }

  /** A reader of a label-like column as comparable keys, or undefined when there is no such column. */
  keys(role: 'label' | 'sequence') {
    const column = this.columns[role];
    return column && keysOf(column, role, this);
  }

  /** A reader of a flag column, or undefined when there is no such column. */
  flags(role: 'is_query' | 'is_gallery') {
    const column = this.columns[role];
    return column && flagsOf(column, role, this);
  }
}

/**
 * Where the columns of a batch stand in its table: each role, and each other column, by its index. A column can play two roles; one that has the
 * name of a role which another column plays is left out.
 * @throws UserError for a column that is named but not there, and when there is no embedding column
 */
export function roleColumns(available: readonly string[], source: string, names: ColumnNames = {}): Map<string, number> {
  for (const [role, name] of Object.entries(names)) {
    if (!available.includes(name)) {
      throw new UserError(`${source}: no column "${name}" for ${role} (there are: ${available.join(', ')})${didYouMean(name, available)}`);
    }
  }
  const played = Object.entries({ ...ROLES, ...names });
  const places = new Map<string, number>();
  available.forEach((name, i) => {
    const roles = played.filter(([, column]) => column === name).map(([role]) => role);
    for (const role of roles) places.set(role, i);
    if (roles.length === 0 && !(name in ROLES)) places.set(name, i);
  });
  if (!places.has('embedding')) {
    throw new UserError(
      `${source}: no embedding column "${ROLES.embedding}" (there are: ${available.join(', ')}); name it with --column embedding=NAME` +
        (available.includes('path') || available.includes('text') ? ', or embed the items (--model, or rankstream extract)' : ''),
    );
  }
  return places;
}

function readAll({ rows }: EmbeddingBatch, read: ((row: number) => unknown) | undefined): void {
  if (read) for (let row = 0; row < rows; row++) read(row);
}

function refuseDuplicates(ids: Vector | undefined, place: BatchPlace): void {
  if (!ids) return;
  const seen = new Map<unknown, number>();
  for (let i = 0; i < ids.length; i++) {
    const id = ids.get(i);
    if (id === null) continue;
    const before = seen.get(id);
    if (before !== undefined) {
      throw new UserError(
        `${place.source}, row ${place.firstRow + i}, column "id": "${id}" stands also in row ${place.firstRow + before}; ids must be unique`,
      );
    }
    seen.set(id, i);
  }
}
