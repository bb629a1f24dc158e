import { Bool, type RecordBatch, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { embeddingColumn } from '../../src/data/embeddings-column.js';
import type { Matrix } from '../../src/data/matrix.js';
import type { Icon } from './dataset.js';

/** The icons and their vectors in the retrieval format: one row a drawing. */
export function iconTable(icons: readonly Icon[], vectors: Matrix): RecordBatch {
  const text = (value: (icon: Icon) => string) => vectorFromArray(icons.map(value), new Utf8());
  const flag = (value: (icon: Icon) => boolean) => vectorFromArray(icons.map(value), new Bool());
  const columns = {
    id: text((icon) => icon.id),
    embedding: embeddingColumn(vectors),
    label: text((icon) => icon.label),
    category: text((icon) => icon.category),
    path: text((icon) => icon.path),
    is_query: flag((icon) => icon.isQuery),
    is_gallery: flag((icon) => icon.isGallery),
  };
  return new Table(columns).batches[0];
}
