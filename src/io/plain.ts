import { type Data, DataType, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { takeRows } from '../data/columns.js';

/** The same batch with dictionary columns as plain values. */
export function plainColumns(batch: RecordBatch): RecordBatch {
  const { fields, metadata } = batch.schema;
  if (!fields.some((field) => DataType.isDictionary(field.type))) return batch;
  const rows = Int32Array.from({ length: batch.numRows }, (_, i) => i);
  const children: Data[] = fields.map((field, i) => {
    const column = batch.getChildAt(i)!;
    return DataType.isDictionary(field.type) ? takeRows(column, rows).data[0] : column.data[0];
  });
  const plain = fields.map((field) =>
    DataType.isDictionary(field.type) ? new Field(field.name, field.type.dictionary, field.nullable, field.metadata) : field,
  );
  const schema = new Schema<Record<string, DataType>>(plain, metadata);
  return new RecordBatch(schema, makeData({ type: new Struct(plain), length: batch.numRows, nullCount: 0, children }));
}

/** What tells two schemas apart, in words; undefined when they are alike. */
export function schemaDifference(a: Schema, b: Schema): string | undefined {
  const names = (schema: Schema) => schema.fields.map((field) => field.name).join(', ');
  if (names(a) !== names(b)) return `columns ${names(b)} instead of ${names(a)}`;
  for (const [i, field] of a.fields.entries()) {
    const other = b.fields[i];
    if (String(field.type) !== String(other.type)) return `column "${field.name}" has type ${other.type} instead of ${field.type}`;
  }
  for (const key of new Set([...a.metadata.keys(), ...b.metadata.keys()])) {
    const [before, now] = [a.metadata.get(key), b.metadata.get(key)];
    if (before !== now) return `${key} is ${now ?? 'missing'} instead of ${before ?? 'missing'}`;
  }
  return undefined;
}
