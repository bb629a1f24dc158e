import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { UserError } from '../src/data/errors.js';
import type { Gallery } from '../src/data/gallery.js';
import type { Approximate } from '../src/report/results.js';
import type { Device } from '../src/runtime/devices.js';
import { importOptional } from '../src/runtime/optional.js';
import { BlockedSearcher } from '../src/search/blocked.js';
import { ExactSearcher } from '../src/search/exact.js';
import { HnswSearcher } from '../src/search/hnsw.js';
import { sampled } from '../src/search/sampled.js';
import type { Searcher } from '../src/search/searcher.js';
import type { Tensorflow } from '../src/search/tensorflow.js';
import { openTfjs } from '../src/search/tfjs.js';
import { assertAllWritable } from './files.js';
import type { OptionName, Options } from './options.js';
import type { PlannedGallery } from './planned-gallery.js';
import type { Progress } from './progress.js';

/** Options that say what is searched, and how: those of every command that searches. */
export const SEARCHING = [
  'items',
  'queries',
  'gallery',
  'model',
  'query-model',
  'gallery-model',
  'model-device',
  'model-batch',
  'embeddings',
  'column',
  'same-id',
  'k',
  'radius',
  'distance',
  'device',
  'precision',
  'engine',
  'ef',
  'index',
] as const satisfies readonly OptionName[];

/** Options that say how a search runs. */
export const RUNNING = [
  'root',
  'on-error',
  'cache',
  'cache-folder',
  'batch',
  'threads',
  'memory',
  'verbose',
] as const satisfies readonly OptionName[];

export type EngineOptions = Pick<Options, 'engine' | 'ef' | 'index' | 'distance' | 'precision' | 'memory' | 'k' | 'radius' | 'threads'>;

/** A searcher for one run of a pipeline. */
export interface RunSearcher extends AsyncDisposable {
  readonly searcher: Searcher;
  /** What searched, and where, in a line; known when it has searched. */
  text(): string;
  /** Measures an engine without proof against the exact one, on a sample of the queries that it has answered; undefined for one with proof. */
  measured(): Promise<Approximate | undefined>;
}

/** Finds out before the gallery is read what is wrong with the options of the engine. @throws UserError */
export async function checkEngine({ engine = 'exact', ef, index, memory, precision, k, radius }: EngineOptions): Promise<void> {
  for (const [name, value] of Object.entries({ k, memory })) {
    if (radius !== undefined && value !== undefined) throw new UserError(`give either --radius or --${name}`);
  }
  for (const [name, value] of Object.entries({ memory, precision, radius })) {
    if (value !== undefined && engine !== 'exact') throw new UserError(`--${name} goes with --engine exact, not with ${engine}`);
  }
  for (const [name, value] of Object.entries({ ef, index })) {
    if (value !== undefined && engine !== 'hnsw') throw new UserError(`--${name} goes with --engine hnsw, not with ${engine}`);
  }
  if (index !== undefined && !(await exists(index))) await assertAllWritable(index, `${index}.json`);
}

/**
 * Opens the searcher that the options ask for.
 * @throws UserError when its package is not installed, or an index does not fit the gallery
 */
export async function openSearcher(
  { gallery, streamed }: PlannedGallery,
  options: EngineOptions,
  device: Device,
  progress: Progress,
  signal?: AbortSignal,
): Promise<RunSearcher> {
  const { engine = 'exact', distance, precision, threads = availableParallelism() } = options;
  const how = { distance, device, precision, threads };
  if (streamed) return unmeasured(new BlockedSearcher(gallery, streamed.batches, { ...how, blockRows: streamed.plan.blockRows }), threads);
  if (engine === 'exact') return unmeasured(await ExactSearcher.open(gallery, how), threads);
  const opened = engine === 'hnsw' ? await openHnsw(gallery, options, progress, signal) : await openTensorflow(gallery, options);
  const searcher = sampled(opened);
  return {
    searcher,
    text: () => `search: ${engine} on ${searcher.device}`,
    measured: async () => {
      progress.start('recall');
      const truth = await ExactSearcher.open(gallery, { distance, device, threads });
      try {
        const measured = await searcher.recall(truth);
        return measured && { engine, ...measured };
      } finally {
        progress.stop();
        await truth.close();
      }
    },
    [Symbol.asyncDispose]: () => searcher.close(),
  };
}

/** A searcher that needs no measuring of what it misses. */
function unmeasured(searcher: ExactSearcher | BlockedSearcher, threads: number): RunSearcher {
  return {
    searcher,
    text: () => `search: ${searcher.exact ? 'exact' : 'float32'} on ${searcher.device}, ${searcher.fastPass} pass, ${threads} threads`,
    measured: async () => undefined,
    [Symbol.asyncDispose]: () => searcher.close(),
  };
}

async function openHnsw(
  gallery: Gallery,
  { ef, index, distance }: EngineOptions,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Searcher> {
  if (index !== undefined && (await exists(index))) return HnswSearcher.load(index, gallery, { distance, ef });
  progress.start('index', gallery.size);
  let before = 0;
  const onProgress = (done: number) => {
    progress.advance(done - before);
    before = done;
  };
  try {
    const built = await HnswSearcher.build(gallery, { distance, ef, onProgress, signal });
    try {
      if (index !== undefined) await built.save(index);
      return built;
    } catch (error) {
      await built.close();
      throw error;
    }
  } finally {
    progress.stop();
  }
}

async function openTensorflow(gallery: Gallery, { distance }: EngineOptions): Promise<Searcher> {
  const tf = await tensorflow();
  // Without it TensorFlow.js advertises its other packages.
  tf.enableProdMode();
  return openTfjs(tf, gallery, { distance });
}

type TensorflowModule = Tensorflow & { enableProdMode(): void };

async function tensorflow(): Promise<TensorflowModule> {
  try {
    return await importOptional<TensorflowModule>('@tensorflow/tfjs-node-gpu', 'the tfjs engine');
  } catch {
    // Not installed, or its CUDA libraries are not.
    return importOptional<TensorflowModule>('@tensorflow/tfjs', 'the tfjs engine');
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
