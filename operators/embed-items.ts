import { defer, type OperatorFunction } from 'rxjs';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { place } from '../src/datasets/check-place.js';
import type { Dataset } from '../src/datasets/dataset.js';
import { partEmbedder } from '../src/datasets/embedding-parts.js';
import type { ItemTable } from '../src/datasets/item-table.js';
import type { Extractor } from '../src/models/extractor.js';
import { named, stage } from './stage.js';

/**
 * ItemTable -> EmbeddingBatch: items that arrive in a stream, one or several at a time, through a model; their columns go with them.
 * @param open makes the dataset of each table, as a modality does; it is closed when the table is embedded
 * @example pump(questions, {}, embedItems(extractor, open), search(gallery, { k: 3 }))
 * @throws UserError in the stream: a broken item, and what does not fit the model
 */
export function embedItems(
  extractor: Extractor,
  open: (items: ItemTable) => Dataset | Promise<Dataset>,
): OperatorFunction<ItemTable, EmbeddingBatch> {
  return named('embedItems', (tables) =>
    defer(() => {
      let rows = 0;
      return tables.pipe(
        stage('embedItems', async (items: ItemTable) => {
          const firstRow = rows;
          rows += items.size;
          const dataset = await open(items);
          try {
            const nameOf = (row: number) => place(items, row, undefined);
            const embedPart = partEmbedder(extractor, dataset, { onError: 'stop', nameOf });
            const { vectors } = await embedPart({ firstRow: 0, rows: items.size });
            return EmbeddingBatch.fromMatrix(vectors, items.columns, { source: items.source, firstRow });
          } finally {
            await dataset.close?.();
          }
        }),
      );
    }),
  );
}
