import * as ort from 'onnxruntime-node';
import { openModel } from '../../pipelines/open-model.js';
import { openItems } from '../../src/datasets/format-open.js';
import { findModel } from '../../src/models/zoo/find-model.js';
import { answer, childArgument, cpuSeconds, secondsSince } from '../child.js';
import type { InferenceArgument } from '../inference-cases.js';

/*
 * The model alone, as anyone would run it with onnxruntime-node: in a loop in the main thread, its input ready in memory. Of all batches the one counts that
 * is the fastest on a part of the items. Pictures take the same time whatever they show: the first of them are given again and again.
 */
const { folder, items: file, model: name, threads, batches } = childArgument<InferenceArgument & { batches: number[] }>();
const READY_PICTURES = 128;

const items = await openItems(file);
const ready = await readyItems();
const { file: modelFile } = await findModel(name);
const session = await ort.InferenceSession.create(modelFile, { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 });

async function readyItems() {
  await using model = await openModel(name, { device: 'cpu', threads });
  const dataset = await model.dataset(items, folder);
  const count = dataset.modality === 'text' ? items.size : Math.min(items.size, READY_PICTURES);
  const loaded: unknown[] = [];
  for (let row = 0; row < count; row++) loaded.push(await dataset.load(row));
  await dataset.close?.();
  return { loaded, collate: dataset.collate };
}

/** The input of each run. */
function inputs(batch: number, rows: number): Record<string, ort.Tensor>[] {
  const { loaded, collate } = ready;
  const made = new Map<string, Record<string, ort.Tensor>>();
  return Array.from({ length: Math.ceil(rows / batch) }, (_, i) => {
    const [first, count] = [(i * batch) % loaded.length, Math.min(batch, rows - i * batch)];
    const key = `${first} ${count}`;
    const feeds = made.get(key) ?? tensors(Array.from({ length: count }, (_, k) => loaded[(first + k) % loaded.length]));
    made.set(key, feeds);
    return feeds;
  });

  function tensors(some: readonly unknown[]): Record<string, ort.Tensor> {
    return Object.fromEntries(
      Object.entries(collate(some)).map(([input, { type, data, dims }]) => [input, new ort.Tensor(type, data as Float32Array, dims)]),
    );
  }
}

async function seconds(batch: number, rows: number): Promise<{ model: number; cpu: number }> {
  const runs = inputs(batch, rows);
  await session.run(runs[0]);
  const [start, cpu] = [performance.now(), cpuSeconds()];
  for (const feeds of runs) await session.run(feeds);
  return { model: secondsSince(start), cpu: cpuSeconds() - cpu };
}

const tried: { batch: number; model: number }[] = [];
for (const batch of batches) tried.push({ batch, ...(await seconds(batch, Math.ceil(items.size / batches.length))) });
const { batch } = tried.sort((a, b) => a.model - b.model)[0];
answer({ seconds: await seconds(batch, items.size), notes: { batch } });
