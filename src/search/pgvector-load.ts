import type { Gallery } from '../data/gallery.js';
import { asked, idsOf, type PgClient, type PgTable, quoted, vectorText } from './pgvector.js';

export interface PgLoadOptions extends PgTable {
  /** Rows of one INSERT; default 1,000. */
  readonly batchRows?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Makes a table of a gallery: a column of rows (and one of ids, where `id` names it) and one of vectors. An index is yours to make.
 * @throws UserError when the table is there already, the gallery has no ids though `id` is given, when pgvector is not installed in the database, or with what else the database says
 * @example await loadPgvector(client, gallery, { table: 'items' })
 */
export async function loadPgvector(client: PgClient, gallery: Gallery, options: PgLoadOptions): Promise<void> {
  const { table, row = 'row', id, embedding = 'embedding', batchRows = 1000, onProgress } = options;
  const ids = id === undefined ? undefined : idsOf(gallery, table);
  const columns = [row, embedding, ...(id === undefined ? [] : [id])].map(quoted);
  const types = ['integer PRIMARY KEY', `vector(${gallery.dim}) NOT NULL`, 'text'];
  await asked(client, table, `CREATE TABLE ${quoted(table)} (${columns.map((column, c) => `${column} ${types[c]}`).join(', ')})`);
  const arrays = ['$1::int[]', '$2::text[]::vector[]', '$3::text[]'].slice(0, columns.length);
  const statement = `INSERT INTO ${quoted(table)} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`;
  for (let first = 0; first < gallery.size; first += batchRows) {
    const rows = Array.from({ length: Math.min(batchRows, gallery.size - first) }, (_, i) => first + i);
    const values: unknown[] = [rows, rows.map((at) => vectorText(gallery.vectors.row(at)))];
    if (ids) values.push(rows.map((at) => ids.get(at)));
    await asked(client, table, statement, values);
    onProgress?.(first + rows.length, gallery.size);
  }
}
