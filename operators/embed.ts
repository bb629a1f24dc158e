import { defer, finalize, map, type OperatorFunction } from 'rxjs';
import { type Columns, takeRows } from '../src/data/columns.js';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import type { Dataset } from '../src/datasets/dataset.js';
import type { RowRange } from '../src/datasets/embedded-rows.js';
import { type Part, type PartOptions, partEmbedder } from '../src/datasets/embedding-parts.js';
import type { Extractor } from '../src/models/extractor.js';
import { named, stage } from './stage.js';

export interface EmbedOptions extends Partial<Omit<PartOptions, 'signal'>> {
  /** Columns of the items, to go with their embeddings. */
  readonly columns?: Columns;
  /** Is told of each range when its turn comes: where it came from, and what is broken in it. */
  readonly onPart?: (part: Part) => void;
}

/**
 * RowRange -> EmbeddingBatch: the items of these rows through a model. Decoding the next items overlaps the run of the model, also across ranges, and a bounded number
 * of items is in flight: four batches. With `onError: 'skip'` broken items are left out, and `onPart` tells which; a batch may come out empty.
 * @example
 * const dataset = await modality.open(items, extractor.spec.input, places);
 * pump(rowRanges(dataset.size, 256), {}, embed(extractor, dataset, { columns: items.columns }), search(gallery), evaluate([cmc(1)]));
 * @throws UserError in the stream: a broken item (default; `onError: 'stop'`), and what does not fit the model
 */
export function embed(
  extractor: Extractor,
  dataset: Dataset,
  { columns = {}, onPart, onError = 'stop', ...rest }: EmbedOptions = {},
): OperatorFunction<RowRange, EmbeddingBatch> {
  return named('embed', (ranges) =>
    defer(() => {
      const stop = new AbortController();
      const embedPart = partEmbedder(extractor, dataset, { ...rest, onError, signal: stop.signal });
      let rows = 0;
      return ranges.pipe(
        stage('embed', embedPart),
        map((part) => {
          onPart?.(part);
          const taken = Object.entries(columns).map(([name, column]) => [name, takeRows(column, part.kept)]);
          const firstRow = rows;
          rows += part.kept.length;
          return EmbeddingBatch.fromMatrix(part.vectors, Object.fromEntries(taken), { source: extractor.name, firstRow });
        }),
        finalize(() => stop.abort()),
      );
    }),
  );
}
