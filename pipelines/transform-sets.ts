import { availableParallelism } from 'node:os';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { UserError } from '../src/data/errors.js';
import { type EmbeddingTransform, fitTransforms } from '../src/embeddings/transform.js';
import type { PostprocessStep } from '../src/report/results.js';
import type { Device } from '../src/runtime/devices.js';
import { ExactSearcher } from '../src/search/exact.js';
import { Clock } from './clock.js';
import type { Options } from './options.js';
import type { Sets } from './sets.js';

/** Sets with other embeddings; disposing of them frees what the transforms hold. */
export interface TransformedSets extends AsyncDisposable {
  readonly sets: Sets;
  /** The transforms, with the seconds in which they were fitted and have changed the queries so far. */
  steps(): PostprocessStep[];
}

/**
 * Queries and gallery as transforms of their embeddings make them; the neighbours that those ask for are found exactly.
 * @throws UserError where the gallery is not in memory, or does not suit a transform
 */
export async function transformSets(
  sets: Sets,
  transforms: readonly EmbeddingTransform[],
  { distance, threads = availableParallelism() }: Pick<Options, 'distance' | 'threads'>,
  device: Device,
): Promise<TransformedSets> {
  if (transforms.length === 0) return { sets, steps: () => [], [Symbol.asyncDispose]: async () => {} };
  if (sets.planned.streamed) {
    throw new UserError(
      '--transform needs the vectors of the gallery, which --memory is too small to keep; give more, or leave --memory out',
    );
  }
  const { gallery, text } = sets.planned;
  const clocks = transforms.map(() => new Clock());
  const timed = transforms.map((transform, i) => timedBy(clocks[i], transform));
  const fitted = await fitTransforms(timed, gallery, (own) => ExactSearcher.open(own, { distance, threads, device }));
  const { queries } = sets;
  async function* transformed(): AsyncGenerator<EmbeddingBatch, void, undefined> {
    for await (const batch of queries) yield await fitted.queries(batch);
  }
  return {
    sets: { ...sets, planned: { gallery: fitted.gallery, text }, queries: { [Symbol.asyncIterator]: transformed } },
    steps: () => transforms.map(({ name, params }, i) => ({ name, params, seconds: clocks[i].seconds })),
    [Symbol.asyncDispose]: () => fitted.close(),
  };
}

function timedBy(clock: Clock, transform: EmbeddingTransform): EmbeddingTransform {
  return {
    ...transform,
    async fit(gallery, openSearcher) {
      const fitted = await clock.during(() => transform.fit(gallery, openSearcher));
      return { ...fitted, queries: (batch) => clock.during(() => fitted.queries(batch)) };
    },
  };
}
