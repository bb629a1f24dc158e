import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Measurement, runChild } from './child.js';
import { ensureItems, INFERENCE_CASES, type InferenceArgument, type InferenceCase, type InferenceCaseName } from './inference-cases.js';
import { megabytes, printTable, ratio, seconds } from './print.js';
import { rounds } from './rounds.js';

export interface InferenceBench {
  readonly case: readonly InferenceCaseName[];
  readonly rounds: number;
  readonly scale: number;
  /** An ONNX file of texts with tokenizer.json beside it, instead of a generated one. */
  readonly textModel?: string;
}

/** Items in one run of the bare model; the best of them counts. */
const BATCHES = [8, 16, 32, 64, 128];

/** From files of items to embeddings beside the model alone; the peak of memory with ten times the items. */
export async function inferenceBench({ case: names, ...options }: InferenceBench): Promise<void> {
  const peaks: string[][] = [];
  for (const name of names) peaks.push(...(await compare(name, INFERENCE_CASES[name], options)));
  if (peaks.length === 0) return;
  console.log('\npeak RSS of the process that extracts');
  printTable(['', 'items', 'peak RSS', 'ratio'], peaks);
}

/** Prints the table of a case. @returns rows for the peak of memory */
async function compare(name: string, which: InferenceCase, { rounds: count, scale, textModel }: Omit<InferenceBench, 'case'>) {
  const { folder, sizes } = await ensureItems(which, scale, textModel);
  const threads = availableParallelism();
  const argument = (rows: number): InferenceArgument => {
    return { folder, items: join(folder, `items-${rows}.csv`), model: which.model ?? join(folder, 'model.onnx'), threads };
  };
  const [items] = sizes;
  const extract = (rows: number) => runChild('extract', { ...argument(rows), warm: join(folder, 'items-warm.csv') });
  const [bare, loading, whole] = ['model alone', 'loading alone', 'rankstream extract'];
  const standings = await rounds(
    [
      { name: bare, run: () => runChild('bare-extractor', { ...argument(items), batches: BATCHES }) },
      { name: loading, run: () => runChild('load-items', argument(items)) },
      { name: whole, run: () => extract(items) },
    ],
    count,
  );
  const [model, load, all] = [bare, loading, whole].map((contestant) => standings.get(contestant) as Measurement);
  const [m, l, e] = [model.seconds.model, load.seconds.load, all.seconds.extract];
  const row = (what: string, taken: number, { seconds: { cpu }, peakRss }: Measurement) => [
    what,
    `${(items / taken).toFixed(0)} items/s`,
    ratio(m / taken),
    `${((1000 * cpu) / items).toFixed(2)} ms`,
    megabytes(peakRss),
  ];
  console.log(`\n${name}: ${items} ${which.what}, ${threads} threads; smallest of ${count}`);
  printTable(
    ['', 'speed', 'of the model alone', 'CPU an item', 'peak RSS'],
    [row(`${bare}, batch ${model.notes?.batch}`, m, model), row(loading, l, load), row(whole, e, all)],
  );
  const work = (model.seconds.cpu + load.seconds.cpu) / availableParallelism();
  console.log(
    `extract takes ${ratio(e / Math.max(m, l))} the longer of the two alone, ${ratio(e / (m + l))} both one after the other, ` +
      `${ratio(e / work)} the CPU time of both on all cores; opening takes ${seconds(all.seconds.opening)} more`,
  );
  if (which.many === undefined) return [];
  const many = await extract(sizes[1]);
  return [
    [name, `${sizes[0]}`, megabytes(all.peakRss), ratio(1)],
    [name, `${sizes[1]}`, megabytes(many.peakRss), ratio(many.peakRss / all.peakRss)],
  ];
}
