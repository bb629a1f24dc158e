import { Bool, makeVector, type RecordBatch, Table, vectorFromArray } from 'apache-arrow';
import { embeddingColumn } from '../../src/data/embeddings-column.js';
import { createWriter } from '../../src/io/write.js';
import { answer, childArgument, secondsSince } from '../child.js';
import type { DataSet } from '../data.js';
import { openNpy } from '../npy.js';
import { type Items, items } from '../synthetic.js';

/* Writes a synthetic set, batch by batch. */
const { set, folder } = childArgument<{ set: DataSet; folder: string }>();
/** Queries of the sample. */
const SAMPLE = 256;
const start = performance.now();
const { world } = set;

if (set.form === 'table') await writeTable();
else if (set.form === 'arrow') await writeArrow();
else {
  await writeSide('q', set.queries, 0);
  await writeSide('g', set.gallery, 1);
}
answer({ seconds: { write: secondsSince(start) } });

/** One side of a pair as Parquet, and as .npy for the peers. */
async function writeSide(side: 'q' | 'g', rows: number, part: number): Promise<void> {
  const vectors = openNpy(`${folder}/${side}.npy`, '<f4', [rows, world.dim]);
  const labels = openNpy(`${folder}/${side}_labels.npy`, '<i4', [rows]);
  const categories = openNpy(`${folder}/${side}_categories.npy`, '<i4', [rows]);
  const table = createWriter(`${folder}/${side}.parquet`);
  for (const batch of items(world, rows, part)) {
    vectors.write(batch.vectors);
    labels.write(batch.labels);
    categories.write(batch.categories);
    await table.write(recordBatch(batch));
  }
  for (const file of [vectors, labels, categories]) file.close();
  await table.close();
}

/** Queries and gallery, and the first queries once more, as a sample. */
async function writeArrow(): Promise<void> {
  for (const [part, [side, rows]] of [['q', set.queries] as const, ['g', set.gallery] as const].entries()) {
    const table = createWriter(`${folder}/${side}.arrow`);
    for (const batch of items(world, rows, part)) {
      const record = recordBatch(batch);
      await table.write(record);
      if (side !== 'q' || batch.firstRow > 0) continue;
      const sample = createWriter(`${folder}/sample.arrow`);
      await sample.write(record.slice(0, Math.min(SAMPLE, batch.rows)));
      await sample.close();
    }
    await table.close();
  }
}

/** One table: every row is in the gallery, every n-th is a query too. */
async function writeTable(): Promise<void> {
  const table = createWriter(`${folder}/items.parquet`);
  const isQuery = (row: number) => Math.floor(((row + 1) * set.queries) / set.gallery) > Math.floor((row * set.queries) / set.gallery);
  for (const batch of items(world, set.gallery, 0)) await table.write(recordBatch(batch, isQuery));
  await table.close();
}

function recordBatch({ firstRow, rows, vectors, labels, categories }: Items, isQuery?: (row: number) => boolean): RecordBatch {
  const flags = (of: (row: number) => boolean) =>
    vectorFromArray(
      Array.from({ length: rows }, (_, i) => of(firstRow + i)),
      new Bool(),
    );
  return new Table({
    embedding: embeddingColumn({ data: vectors, rows, dim: world.dim }),
    label: makeVector(labels),
    category: makeVector(categories),
    ...(isQuery && { is_query: flags(isQuery), is_gallery: flags(() => true) }),
  }).batches[0];
}
