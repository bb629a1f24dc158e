import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { z } from 'zod';
import { UserError } from '../src/data/errors.js';
import { mapLimited } from '../src/data/map-limited.js';
import type { Dataset } from '../src/datasets/dataset.js';
import { openItems } from '../src/datasets/format-open.js';
import { unreadable } from '../src/io/file.js';
import { createWriter } from '../src/io/write.js';
import { asOptions, optionShape } from './config/schema.js';
import { type ExtractOutcome, runExtract } from './extract.js';
import { assertAllWritable } from './files.js';
import { openModel } from './open-model.js';
import type { Options } from './options.js';
import { picturesIn } from './pictures-folder.js';
import { silent } from './progress.js';
import type { RunContext } from './run-context.js';
import { writePredictions } from './write-predictions.js';

/** The names of a config of `pipeline: predict`. */
export const PREDICT = optionShape([
  'items',
  'model',
  'model-device',
  'model-batch',
  'root',
  'out',
  'on-error',
  'threads',
  'cache',
  'cache-folder',
]);

/** A config of `pipeline: predict`, checked. */
export type PredictConfig = z.output<z.ZodObject<typeof PREDICT>>;

/** What was written, and of what. */
export type Prediction = Pick<ExtractOutcome, 'file' | 'items' | 'embedded' | 'fromCache' | 'skipped' | 'dim' | 'seconds'>;

/**
 * The pipeline `predict`: embeddings of the pictures in a folder, or of a table of items, into `out` (default `predictions.json`): JSON, where each item is
 * called by its path, or a table (.parquet, .arrow). The order is that of the paths, or of the table.
 * @throws UserError that names all items that cannot be read, before the first is embedded; and as `runExtract`
 */
export async function runPredict(config: PredictConfig, context: RunContext = {}): Promise<Prediction> {
  const options = asOptions(config);
  const { items, out = 'predictions.json', modelDevice: device, modelBatch: batch } = options;
  if (items === undefined || options.model === undefined)
    throw new UserError('predict needs "items", a folder of pictures or a table, and "model"');
  const json = /\.json$/i.test(out);
  // Opened with the first bytes: here it refuses an ending that is not known.
  if (!json) createWriter(out);
  await assertAllWritable(out);
  const folder = await mkdtemp(join(tmpdir(), 'rankstream-'));
  try {
    const table = await tableOf(items, folder);
    const root = options.root ?? table.root;
    const wanted: Options = { ...options, items: table.file, root, device, batch };
    // The table of a folder's pictures is none of the user's.
    const named = { ...context, source: items };
    if (options.onError !== 'skip') await refuseBroken(wanted, named);
    if (!json) return await runExtract({ ...wanted, out }, named);
    const outcome = await runExtract({ ...wanted, out: join(folder, 'embeddings.arrow') }, named);
    await writePredictions(outcome.file, out);
    return { ...outcome, file: out };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A table as it is; of a folder, one of its pictures. */
async function tableOf(items: string, folder: string): Promise<{ file: string; root: string }> {
  const at = await stat(items).catch(async (error) => {
    throw await unreadable(items, error);
  });
  if (!at.isDirectory()) return { file: items, root: dirname(items) };
  const file = join(folder, 'pictures.csv');
  await writeFile(
    file,
    stringify(
      (await picturesIn(items)).map((path) => [path]),
      { header: true, columns: ['path'] },
    ),
  );
  return { file, root: items };
}

/** Items that are looked at at one time. */
const LOOKED_AT = 16;

/** A run over thousands of pictures should not end at each broken one anew. */
async function refuseBroken(
  { items, model, root, device, threads }: Options,
  { source, progress = silent, signal }: RunContext & { readonly source: string },
): Promise<void> {
  const table = await openItems(items as string, { root, source });
  await using opened = await openModel(model as string, { device, threads, progress, signal });
  const dataset = await opened.dataset(table, root as string);
  progress.start('checking', table.size);
  try {
    const reasons = await mapLimited([...Array(table.size).keys()], LOOKED_AT, async (row) => {
      signal?.throwIfAborted();
      const reason = await brokenReason(dataset, row);
      progress.advance(1);
      return reason;
    });
    const broken = reasons.filter((reason) => reason !== undefined).map((reason) => reason.replace(`${source}, `, ''));
    if (broken.length > 0) throw new UserError(`${source}: ${broken.length} of ${table.size} items cannot be read: ${broken.join('; ')}`);
  } finally {
    progress.stop();
    await dataset.close?.();
  }
}

async function brokenReason(dataset: Dataset, row: number): Promise<string | undefined> {
  try {
    await dataset.load(row);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
