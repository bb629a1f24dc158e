import type { Tensor } from '../runtime/onnx-session.js';

type Feeds = Readonly<Record<string, Tensor>>;

/**
 * Runs a model that takes batches of one size only: the items are cut into such batches, the last is filled up with copies of its last item, and the answers
 * are joined without those.
 * @param rows the items in the feeds
 * @param batch what the model takes; undefined: anything
 */
export async function inFixedBatches(
  feeds: Feeds,
  rows: number,
  batch: number | undefined,
  run: (feeds: Record<string, Tensor>) => Promise<Tensor>,
): Promise<Tensor> {
  if (batch === undefined || batch === rows) return run({ ...feeds });
  const starts = Array.from({ length: Math.ceil(rows / batch) }, (_, i) => i * batch);
  const answers = await Promise.all(
    starts.map((start) => run(Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, itemsOf(tensor, start, batch)])))),
  );
  const [{ type, dims, data }] = answers;
  const size = data.length / batch;
  const joined = like(data, rows * size);
  answers.forEach((answer, i) => {
    copy(joined, answer.data.subarray(0, Math.min(batch, rows - starts[i]) * size), starts[i] * size);
  });
  return { type, dims: [rows, ...dims.slice(1)], data: joined };
}

/** Items [start, start + count); beyond the end, the last one. */
function itemsOf({ type, data, dims }: Tensor, start: number, count: number): Tensor {
  const [rows, ...item] = dims;
  const size = data.length / rows;
  const items = like(data, count * size);
  for (let i = 0; i < count; i++) {
    const at = Math.min(start + i, rows - 1) * size;
    copy(items, data.subarray(at, at + size), i * size);
  }
  return { type, data: items, dims: [count, ...item] };
}

function like(data: Tensor['data'], length: number): Tensor['data'] {
  return new (data.constructor as new (length: number) => Tensor['data'])(length);
}

function copy(to: Tensor['data'], from: Tensor['data'], at: number): void {
  (to as Float32Array).set(from as Float32Array, at);
}
