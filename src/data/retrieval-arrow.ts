import { type Data, DataType, Field, Float32, Int32, List, makeData, RecordBatch, Schema, Struct, Uint32, Vector } from 'apache-arrow';
import { takeRows, textColumn } from './columns.js';
import { UserError } from './errors.js';
import { judgedByLists } from './judged-by-lists.js';
import { intoFloats, intoGains, intoInts, intoLists, intoRows, type ListPlace } from './list-columns.js';
import type { Lists } from './lists.js';
import { DISTANCES } from './matrix.js';
import type { RetrievalInfo } from './retrieval-parts.js';
import { RetrievalResults } from './retrieval-results.js';

/** The columns of retrieval results. Every other column rides along. */
const OURS = ['query', 'query_id', 'retrieved', 'distance', 'num_relevant', 'retrieved_gain', 'relevant', 'relevant_gain'] as const;

/** A riding column that is called like one of ours gets an underscore more in a file, and loses it when read: any name makes the round trip. */
const CLASHES = new RegExp(`^(${OURS.join('|')})_*$`);

/**
 * Retrieval results as an Arrow record batch. Lists share the buffers of the results; riding dictionary columns become plain; ids become text.
 * Gallery size, distance, gallery fingerprint, k and device stand in the metadata of the schema. `rr.queries` is not saved.
 */
export function retrievalToArrow(rr: RetrievalResults): RecordBatch {
  const fields: Field[] = [];
  const children: Data[] = [];
  const add = (name: string, data: Data, nullable: boolean) => {
    fields.push(new Field(name, data.type, nullable));
    children.push(data);
  };
  add('query', numbers(new Uint32(), rr.rows), false);
  if (rr.queryIds) add('query_id', textData(rr.queryIds), true);
  add('retrieved', listData(new Int32(), rr.offsets, rr.ids), false);
  add('distance', listData(new Float32(), rr.offsets, rr.distances), false);
  if (rr.numRelevant) add('num_relevant', numbers(new Uint32(), rr.numRelevant), false);
  if (rr.gains) add('retrieved_gain', listData(new Float32(), rr.offsets, rr.gains), false);
  if (rr.relevant) add('relevant', listData(new Int32(), rr.relevant.offsets, rr.relevant.values), false);
  if (rr.relevant && rr.relevantGains) add('relevant_gain', listData(new Float32(), rr.relevant.offsets, rr.relevantGains), false);
  for (const [name, column] of Object.entries(rr.columns)) add(CLASHES.test(name) ? `${name}_` : name, onePiece(column), true);
  const schema = new Schema<Record<string, DataType>>(fields, metadataOf(rr.info));
  return new RecordBatch(schema, makeData({ type: new Struct(fields), length: rr.length, nullCount: 0, children }));
}

/**
 * Retrieval results from an Arrow record batch: ours, or one with at least `retrieved` and `distance` from pyarrow, polars or pandas. Lists of other
 * widths (LargeList, FixedSizeList, int64, float64) are converted; a null list is an empty one. Without `query`, queries are numbered from
 * `firstRow` on. `relevant` alone tells gains and counts, any of which a file may also give itself.
 * @throws UserError naming the file and the query: a missing column, a value that is null, out of range or of a wrong type, a distance that is not
 * finite or beyond float32, lists that are not aligned, and all that `RetrievalResults.checked` refuses
 */
export function retrievalFromArrow(batch: RecordBatch, place: { source: string; firstRow: number }): RetrievalResults {
  const { source, firstRow } = place;
  const names = batch.schema.fields.map((field) => field.name);
  const column = (name: (typeof OURS)[number]) => batch.getChild(name) as Vector | null;
  const at = (name: string): ListPlace => ({ source, column: name, firstRow });
  for (const name of ['retrieved', 'distance'] as const) {
    if (!names.includes(name))
      throw new UserError(`${source}: no column "${name}"; retrieval results need retrieved and distance (there are: ${names.join(', ')})`);
  }
  const queries = column('query');
  const rows = queries ? intoRows(queries, at('query')) : Uint32Array.from({ length: batch.numRows }, (_, i) => firstRow + i);
  const { offsets, values: ids } = intoLists(column('retrieved')!, intoInts, at('retrieved'));
  const aligned = (
    name: 'distance' | 'retrieved_gain' | 'relevant_gain',
    to: Int32Array,
    other: string,
    nan: boolean,
  ): Float32Array | undefined => {
    const found = column(name);
    if (!found) return undefined;
    const lists = intoLists(found, nan ? intoGains : intoFloats, at(name));
    const q = lists.offsets.findIndex((offset, i) => offset !== to[i]) - 1;
    if (q >= 0)
      throw new UserError(
        `${source}, row ${firstRow + q}, column "${name}": ${size(lists.offsets, q)} values for ${size(to, q)} in "${other}"`,
      );
    return lists.values;
  };
  const distances = aligned('distance', offsets, 'retrieved', false)!;
  const relevantColumn = column('relevant');
  const relevant = relevantColumn ? intoLists(relevantColumn, intoInts, at('relevant')) : undefined;
  if (!relevant && names.includes('relevant_gain'))
    throw new UserError(`${source}: column "relevant_gain" without "relevant", whose items it would judge`);
  const relevantGains = relevant && aligned('relevant_gain', relevant.offsets, 'relevant', false);
  const info = infoOf(batch.schema.metadata, source);
  if (relevant) refuseRepeated(relevant, info.gallerySize, at('relevant'));
  const counts = column('num_relevant');
  const gains = aligned('retrieved_gain', offsets, 'retrieved', true);
  const numRelevant = counts ? intoRows(counts, at('num_relevant')) : undefined;
  const queryIds = column('query_id');
  const derived = relevant && judgedByLists({ offsets, ids }, relevant, relevantGains);
  return RetrievalResults.checked(
    {
      info,
      rows,
      offsets,
      ids,
      distances,
      numRelevant: numRelevant ?? derived?.numRelevant,
      gains: gains ?? derived?.gains,
      relevant,
      relevantGains,
      queryIds: queryIds ? piece(textData(queryIds)) : undefined,
      columns: riding(batch),
    },
    source,
  );
}

function riding(batch: RecordBatch): Record<string, Vector> {
  const columns: Record<string, Vector> = {};
  batch.schema.fields.forEach(({ name }, i) => {
    if ((OURS as readonly string[]).includes(name)) return;
    columns[CLASHES.test(name) ? name.slice(0, -1) : name] = piece(onePiece(batch.getChildAt(i)!));
  });
  return columns;
}

function refuseRepeated(relevant: Lists<Int32Array>, gallerySize: number | undefined, place: ListPlace): void {
  const { offsets, values } = relevant;
  for (let q = 0; q + 1 < offsets.length; q++) {
    const sorted = values.slice(offsets[q], offsets[q + 1]).sort();
    const twice = sorted.find((row, i) => i > 0 && row === sorted[i - 1]);
    const where = `${place.source}, row ${place.firstRow + q}, column "${place.column}"`;
    if (twice !== undefined) throw new UserError(`${where}: gallery item ${twice} is listed twice`);
    const last = sorted.at(-1) ?? -1;
    if (gallerySize !== undefined && last >= gallerySize)
      throw new UserError(`${where}: item ${last} is outside the gallery of ${gallerySize}`);
  }
}

function numbers(type: Uint32, data: Uint32Array): Data<Uint32> {
  return makeData({ type, length: data.length, nullCount: 0, data });
}

function listData<T extends Int32 | Float32>(type: T, offsets: Int32Array, values: T['TArray']): Data<List<T>> {
  const child = makeData({ type: type as Int32, length: values.length, nullCount: 0, data: values as Int32Array }) as unknown as Data<T>;
  return makeData({
    type: new List(new Field('item', type, true)),
    length: offsets.length - 1,
    nullCount: 0,
    valueOffsets: offsets,
    child,
  });
}

/** A column in one piece, as a record batch needs it, without a dictionary. */
function onePiece(column: Vector): Data {
  if (column.data.length === 1 && !DataType.isDictionary(column.type)) return column.data[0];
  return takeRows(
    column,
    Int32Array.from({ length: column.length }, (_, i) => i),
  ).data[0];
}

function textData(column: Vector): Data {
  const type = DataType.isDictionary(column.type) ? column.type.dictionary : column.type;
  if (DataType.isUtf8(type)) return onePiece(column);
  return textColumn(Array.from({ length: column.length }, (_, i) => (column.get(i) === null ? null : String(column.get(i))))).data[0];
}

function piece(data: Data): Vector {
  return new Vector([data]);
}

function size(offsets: Int32Array, q: number): number {
  return offsets[q + 1] - offsets[q];
}

function metadataOf(info: RetrievalInfo): Map<string, string> {
  const { gallerySize, distance, fingerprint, k, device } = info;
  const entries = Object.entries({ gallery_size: gallerySize, distance, gallery_fingerprint: fingerprint, k, device });
  return new Map(entries.filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]));
}

function infoOf(metadata: ReadonlyMap<string, string>, source: string): RetrievalInfo {
  const count = (key: string) => {
    const text = metadata.get(key);
    if (text !== undefined && !/^\d{1,15}$/.test(text)) throw new UserError(`${source}: ${key} "${text}" in the metadata is no number`);
    return text === undefined ? undefined : Number(text);
  };
  const text = metadata.get('distance');
  const distance = ([...DISTANCES, 'score'] as const).find((name) => name === text);
  if (text !== undefined && !distance) throw new UserError(`${source}: unknown distance "${text}" in the metadata`);
  const info = {
    gallerySize: count('gallery_size'),
    distance,
    fingerprint: metadata.get('gallery_fingerprint'),
    k: count('k'),
    device: metadata.get('device'),
  };
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined));
}
