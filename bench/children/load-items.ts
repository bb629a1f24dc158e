import { openModel } from '../../pipelines/open-model.js';
import { mapLimited } from '../../src/data/map-limited.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import { defaultBatch } from '../../src/datasets/default-batch.js';
import { openItems } from '../../src/datasets/format-open.js';
import { answer, childArgument, cpuSeconds, secondsSince } from '../child.js';
import type { InferenceArgument } from '../inference-cases.js';

/* What comes before the model alone: items are decoded, transformed and put together as batches, as many at a time as in an extraction; no model runs. */
const { folder, items: file, model: name, threads } = childArgument<InferenceArgument>();
const BATCHES_AT_ONCE = 4;

const items = await openItems(file);
await using model = await openModel(name, { device: 'cpu', threads });
const dataset = await model.dataset(items, folder);
const batch = defaultBatch(model.extractor, dataset);
await load(dataset, 2 * batch);
const [start, cpu] = [performance.now(), cpuSeconds()];
await load(dataset, items.size);
answer({ seconds: { load: secondsSince(start), cpu: cpuSeconds() - cpu } });
await dataset.close?.();

async function load({ load, collate }: Dataset, most: number): Promise<void> {
  const rows = Math.min(most, items.size);
  const starts = Array.from({ length: Math.ceil(rows / batch) }, (_, i) => i * batch);
  await mapLimited(starts, BATCHES_AT_ONCE, async (first) => {
    const some = Array.from({ length: Math.min(batch, rows - first) }, (_, i) => first + i);
    collate(await Promise.all(some.map(load)));
  });
}
