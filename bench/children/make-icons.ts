import { runExtract } from '../../pipelines/extract.js';
import { prepareIcons } from '../../pipelines/icons/prepare.js';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { answer, childArgument } from '../child.js';
import { openNpy } from '../npy.js';

/* The embeddings of the icons, as `npm start` makes them, and their labels as numbers; of every n-th icon only, where a scale asks for it. */
interface Argument {
  readonly set: { readonly step: number };
  readonly folder: string;
}
const { set, folder } = childArgument<Argument>();

const vectors: Float32Array[] = [];
const labels: number[] = [];
const numbers = new Map<unknown, number>();
let row = 0;
const { items, picturesRoot } = await prepareIcons(folder);
const table = `${folder}/embeddings.parquet`;
await runExtract({ items, model: 'icon-embedder', root: picturesRoot, out: table, device: 'cpu', cache: false });
for await (const batch of readEmbeddings(table)) {
  const label = batch.keys('label');
  for (let i = 0; i < batch.rows; i++, row++) {
    if (row % set.step !== 0) continue;
    const key = label?.(i);
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    labels.push(numbers.get(key) as number);
    vectors.push(batch.data.slice(i * batch.dim, (i + 1) * batch.dim));
  }
}
const x = openNpy(`${folder}/vectors.npy`, '<f4', [vectors.length, vectors[0].length]);
for (const vector of vectors) x.write(vector);
x.close();
const y = openNpy(`${folder}/labels.npy`, '<i4', [labels.length]);
y.write(Int32Array.from(labels));
y.close();
answer({ seconds: {} });
