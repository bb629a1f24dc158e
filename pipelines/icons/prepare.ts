import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import type { ItemTensors } from '../../src/data/context.js';
import { assertWritable, createWriter } from '../../src/io/write.js';
import { cachedRasters } from './cache.js';
import { validationIcons } from './dataset.js';
import { embedImages } from './embed.js';
import { iconItems } from './items.js';
import { PACKAGE_ROOT } from './places.js';
import { step } from './step.js';
import { iconTable } from './table.js';

export interface PreparedIcons {
  /** The table of embeddings: Parquet, in the retrieval format. */
  readonly table: string;
  /** Folder that the table's paths start from. */
  readonly picturesRoot: string;
  /** The pictures themselves, for a model that compares them. */
  readonly items: ItemTensors;
}

/**
 * Makes the table that the evaluation starts from: icons -> pictures -> embeddings -> `embeddings.parquet`.
 * @param outFolder an existing folder
 * @param cacheFolder where pictures are kept between runs
 * @throws UserError when the table cannot be written, before the work
 */
export async function prepareIcons(outFolder: string, cacheFolder = join(PACKAGE_ROOT, '.cache', 'icons')): Promise<PreparedIcons> {
  const table = join(outFolder, 'embeddings.parquet');
  await assertWritable(table);
  const set = validationIcons();
  const drawing = `drew ${set.icons.length.toLocaleString('en')} icons`;
  const { images } = await step(
    drawing,
    () => cachedRasters(set, cacheFolder),
    ({ cached }) => (cached ? 'in an earlier run' : 'kept for the next run'),
  );
  const vectors = await step('embedded them', () => embedImages(images));
  await step(`wrote ${table}`, () => save(iconTable(set.icons, vectors), table));
  return { table, picturesRoot: set.picturesRoot, items: iconItems(set.icons, images) };
}

async function save(batch: RecordBatch, file: string): Promise<void> {
  const writer = createWriter(file);
  try {
    await writer.write(batch);
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
