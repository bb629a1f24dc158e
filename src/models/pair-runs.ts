import { UserError } from '../data/errors.js';
import { type Device, resolveDevice } from '../runtime/devices.js';
import { type OnnxRunner, openLanes, RUNS_AHEAD } from '../runtime/onnx-lanes.js';
import type { TensorInfo, Tensors } from '../runtime/onnx-session.js';
import { fromFloat16 } from './float16.js';
import { withSession } from './open-session.js';
import { isOpenFloat } from './tensor-info.js';

/** How a pairwise model is run. */
export interface PairOptions {
  /** Pairs in one run of the model (default 32 on a CPU, whose caches hold what so many make, and 64 on other devices). */
  readonly batchSize?: number;
  /** Averages both orders of each pair; default: query first, gallery item second. */
  readonly bothOrders?: boolean;
  /** Where it runs (default `cpu`); see `resolveDevice`. */
  readonly device?: 'auto' | Device;
  readonly threads?: number;
}

/** Pairs in one run of the model. */
export function batchOf({ device }: OnnxRunner, { batchSize = device === 'cpu' ? 32 : 64 }: PairOptions): number {
  return batchSize;
}

/**
 * Opens an ONNX file and makes something of it; where that fails, the file is closed again.
 * @throws UserError for a wrong option, and for a file that is no model
 */
export async function withModel<T>(
  file: string,
  { batchSize = 1, device = 'cpu', threads }: PairOptions,
  make: (session: OnnxRunner) => T | Promise<T>,
): Promise<T> {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new UserError(`${file}: the batch size must be a positive integer, not ${batchSize}`);
  return withSession(openLanes(file, { device: await resolveDevice(device), threads }), file, make);
}

/** Whether an output is one number a pair: [batch] or [batch, 1]. */
export function isColumn(output: TensorInfo): boolean {
  const { shape } = output;
  return isOpenFloat(output) && (shape.length === 1 || (shape.length === 2 && shape[1] === 1));
}

/** One number for each of `total` pairs, batch by batch across queries. @throws UserError naming the file, when a run fails */
export async function inRuns<T>(
  file: string,
  total: number,
  { batchSize, onPairs }: { readonly batchSize: number; readonly onPairs?: (pairs: number) => void },
  { prepare, run }: { prepare(start: number, end: number): Promise<T>; run(prepared: T): Promise<ArrayLike<number>> },
): Promise<Float32Array> {
  const out = new Float32Array(total);
  const running: Promise<void>[] = [];
  for (let start = 0; start < total; start += batchSize) {
    const end = Math.min(total, start + batchSize);
    const prepared = await prepare(start, end);
    if (running.length === RUNS_AHEAD) await running.shift();
    const done = run(prepared).then(
      (values) => {
        out.set(values, start);
        onPairs?.(end - start);
      },
      (error: Error) => {
        throw new UserError(`${file}: ${error.message}`);
      },
    );
    // Awaited later: until then a failure must not count as unhandled.
    done.catch(() => {});
    running.push(done);
  }
  await Promise.all(running);
  return out;
}

/** What the model gives for the pairs of one batch, in float32. @param back see `OnnxSession.run` */
export async function runPairs(
  session: OnnxRunner,
  feeds: Tensors,
  output: string,
  pairs: number,
  back?: (feeds: Tensors) => void,
): Promise<Float32Array> {
  const { type, data } = (await session.run(feeds, [output], back))[output];
  const values = type === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array);
  if (values.length === pairs) return values;
  throw new Error(`${output} has ${values.length} values for ${pairs} pairs; a pairwise model gives one for each`);
}
