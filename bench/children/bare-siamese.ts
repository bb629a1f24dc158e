import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { ASSETS } from '../../pipelines/icons/places.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { pictures, SHAPE, stack } from '../pictures.js';

/*
 * The icons' siamese model alone, as anyone would run it with onnxruntime-node: the same batch of pairs again and again, in the main thread. Nothing
 * is loaded, gathered or sorted.
 */
const { queries, topN, threads, batches } = childArgument<{ queries: number; topN: number; threads: number; batches: number[] }>();
const pairs = queries * topN;

const session = await ort.InferenceSession.create(join(ASSETS, 'icon-siamese.onnx'), { intraOpNumThreads: threads, interOpNumThreads: 1 });
const tensor = (rows: number, seed: number) => new ort.Tensor('float32', stack(pictures(rows, seed)), [rows, ...SHAPE]);

const seconds: Record<string, number> = {};
for (const batch of batches) {
  const feeds = (rows: number) => ({ x1: tensor(rows, 1), x2: tensor(rows, 2) });
  const [whole, rest] = [feeds(batch), feeds(pairs % batch)];
  for (let i = 0; i < 2; i++) await session.run(whole);
  const start = performance.now();
  for (let done = 0; done + batch <= pairs; done += batch) await session.run(whole);
  if (pairs % batch > 0) await session.run(rest);
  seconds[`batch ${batch}`] = secondsSince(start);
}
answer({ seconds });
