import type { Vector } from 'apache-arrow';
import { firstLine, UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import { idRows } from '../data/id-rows.js';
import { packLists } from '../data/lists.js';
import type { Distance, Matrix } from '../data/matrix.js';
import { Pool } from '../runtime/pool.js';
import { assertSearchable } from './blocks.js';
import { ignoredCount, isIgnored } from './ignored.js';
import { Candidates } from './order.js';
import { overflow } from './scoring.js';
import type { Ignored, Searcher } from './searcher.js';

/** A PostgreSQL client or pool, as far as it is used here: that of `pg`, PGlite, and others. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Where the gallery stands in the database. */
export interface PgTable {
  /** Name of the table, with its schema or without: `items`, `shop.items`. */
  readonly table: string;
  /** Column of type `vector`; default `embedding`. */
  readonly embedding?: string;
  /** Column of the gallery row, an integer; default `row`. */
  readonly row?: string;
  /** Instead of it: the column that equals the gallery's column `id`. */
  readonly id?: string;
}

export interface PgvectorOptions extends PgTable {
  /** Default `l2`. An index must be of the same operator class (`vector_l2_ops`, `vector_cosine_ops`, `vector_ip_ops`), else PostgreSQL does not use it. */
  readonly distance?: Distance;
  /** Queries that are under way at one time: useful with a pool; default 4. */
  readonly concurrency?: number;
}

const OPERATORS: Readonly<Record<Distance, string>> = { l2: '<->', cosine: '<=>', ip: '<#>' };

/**
 * Searches a table of PostgreSQL with pgvector, and answers what the database answers: its items at its distances (float32 products of pgvector; `<#>` is
 * the negative inner product), ordered by (float32 distance, gallery row). So an index is evaluated as its users see it; settings like `hnsw.ef_search` are
 * those of the client. Each query is one `ORDER BY embedding <-> $1 LIMIT n`, where n is k and what the query ignores, so that ignored items
 * cost no slot; an index that gives fewer than n (`hnsw.ef_search` is 40 at first) leaves lists short. `close` leaves the client open.
 * @param gallery what stands in the table: tells sequences and ids
 * @throws UserError when the table does not answer, or holds another number of rows or another dimension than the gallery
 * @example const searcher = await openPgvector(pool, gallery, { table: 'items', id: 'sku', distance: 'cosine' })
 */
export async function openPgvector(client: PgClient, gallery: Gallery, options: PgvectorOptions): Promise<Searcher> {
  const { table, distance = 'l2', concurrency = 4 } = options;
  await checkTable(client, gallery, options);
  const rowOf = rowReader(gallery, options);
  const key = quoted(options.id ?? options.row ?? 'row');
  const far = `${quoted(options.embedding ?? 'embedding')} ${OPERATORS[distance]} $1::vector`;
  const statement = `SELECT ${key} AS key, ${far} AS distance FROM ${quoted(table)} ORDER BY ${far} LIMIT $2`;
  const lanes = new Pool(Array.from({ length: concurrency }, (_, lane) => lane));

  const one = async (queries: Matrix, q: number, k: number, ignored: Ignored) => {
    const vector = vectorText(queries.data.subarray(q * queries.dim, (q + 1) * queries.dim));
    const limit = Math.min(gallery.size, k + ignoredCount(gallery, ignored, q));
    const answer = await asked(client, table, statement, [vector, limit]);
    const list = new Candidates();
    list.reserve(answer.length);
    for (const { key, distance: given } of answer as { key: unknown; distance: unknown }[]) {
      const row = rowOf(key);
      if (isIgnored(gallery, ignored, q, row)) continue;
      // pgvector has no cosine distance to a zero vector; here it is 1.
      const value = distance === 'cosine' && Number.isNaN(Number(given)) ? 1 : Math.fround(Number(given)) + 0;
      if (!Number.isFinite(value)) throw overflow(distance, q, row);
      list.add(value, row);
    }
    list.sort(k);
    const [ids, distances] = [new Int32Array(list.count), new Float32Array(list.count)];
    list.write(ids, distances, 0);
    return { ids, distances };
  };

  return {
    size: gallery.size,
    dimension: gallery.dim,
    distance,
    device: 'pgvector',
    exact: false,
    async search(queries, k, ignored = {}) {
      assertSearchable(gallery, queries, k);
      const found = await Promise.all(Array.from({ length: queries.rows }, (_, q) => lanes.with(() => one(queries, q, k, ignored))));
      const { offsets, values: ids } = packLists(
        found.map((list) => list.ids),
        Int32Array,
      );
      const { values: distances } = packLists(
        found.map((list) => list.distances),
        Float32Array,
      );
      return { offsets, ids, distances, retried: 0 };
    },
    close: async () => {},
  };
}

/** An identifier, or several with dots between them, as SQL takes them whatever they are. */
export function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

/** A vector as pgvector reads it. */
export function vectorText(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}

/** @throws UserError with what the database says */
export async function asked(client: PgClient, table: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
  try {
    return (await client.query(statement, values)).rows;
  } catch (error) {
    throw new UserError(`table ${table}: ${firstLine(error)} (in: ${statement})`);
  }
}

/** The gallery's ids. @throws UserError when it has none */
export function idsOf(gallery: Gallery, table: string): Vector {
  const { id } = gallery.columns;
  if (!id) throw new UserError(`${gallery.source}: no column "id", which table ${table} is to be matched by`);
  return id;
}

async function checkTable(client: PgClient, gallery: Gallery, { table, embedding = 'embedding' }: PgTable): Promise<void> {
  const statement = `SELECT count(*)::int AS count, min(vector_dims(${quoted(embedding)})) AS dimension FROM ${quoted(table)}`;
  const [{ count, dimension }] = (await asked(client, table, statement)) as [{ count: number; dimension: number | null }];
  if (count !== gallery.size) throw new UserError(`table ${table}: ${count} rows, but the gallery (${gallery.source}) has ${gallery.size}`);
  if (dimension !== gallery.dim) {
    throw new UserError(`table ${table}: vectors of dimension ${dimension}, but the gallery (${gallery.source}) has ${gallery.dim}`);
  }
}

function rowReader(gallery: Gallery, { table, id }: PgTable): (key: unknown) => number {
  if (id === undefined) {
    return (key) => {
      const row = Number(key);
      if (key === null || !Number.isInteger(row) || row < 0 || row >= gallery.size) {
        throw new UserError(`table ${table}: row ${key} is outside the gallery of ${gallery.size}`);
      }
      return row;
    };
  }
  idsOf(gallery, table);
  const rows = idRows(gallery);
  return (key) => {
    const row = rows.get(String(key));
    if (row === undefined) throw new UserError(`table ${table}: id "${key}" is not in the gallery (${gallery.source})`);
    return row;
  };
}
