import { type DataType, Field, makeData, RecordBatch, Schema, Struct, type Vector } from 'apache-arrow';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { embeddingColumn } from '../src/data/embeddings-column.js';
import { canonicalJson } from '../src/data/json.js';
import type { Dataset } from '../src/datasets/dataset.js';

/**
 * Items with their embeddings as they are written: the columns of the table in its order, then `embedding`, or in its place where the table had one. The
 * schema's metadata tell where the embeddings come from: key `rankstream.extract`, JSON with the names of model and modality, the preparation and the dimension.
 */
export function embeddingTable(
  batch: EmbeddingBatch,
  { model, dataset: { modality, preparation } }: { readonly model: string; readonly dataset: Dataset },
): RecordBatch {
  const columns: Record<string, Vector> = { ...batch.columns, embedding: embeddingColumn(batch) };
  // All batches need one schema: whether a column can have nulls does not follow from this batch.
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type as DataType, name !== 'embedding'));
  const about = canonicalJson({ model, modality, preparation, dim: batch.dim });
  const schema = new Schema(fields, new Map([['rankstream.extract', about]]));
  const children = Object.values(columns).map((column) => column.data[0]);
  return new RecordBatch(schema, makeData({ type: new Struct(fields), length: batch.rows, nullCount: 0, children }));
}
