import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { type ExtractContext, type ExtractOutcome, type Options, runExtract } from '../../pipelines/index.js';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { collect, refusal } from '../io/support.js';
import { writeColourModels, writePicture } from '../support/colours.js';
import { temporaryFolder } from '../support/tables.js';

/** Pictures of a set, and rows of the parts that it is extracted in. */
export const [ROWS, PART] = [30, 8];
export const rows = Array.from({ length: ROWS }, (_, row) => row);
export const paths = rows.map((row) => `pictures/${row % 3}/${row}.png`);

export const HEAD = ['id', 'label', 'split', 'is_query', 'is_gallery', 'path', 'price'];

/** A row of the table; empty is no value. The first five are of train. */
export function item(row: number) {
  const flags = row < 5 ? { split: 'train', is_query: '', is_gallery: '' } : { split: 'validation', is_query: row % 2, is_gallery: 1 };
  return { id: `item-${row}`, label: row % 4, ...flags, path: paths[row], price: row % 7 === 0 ? '' : row / 2 };
}

export function csv(change: (row: number) => object = () => ({})): string {
  return [HEAD, ...rows.map((row) => Object.values({ ...item(row), ...change(row) }))].map((line) => `${line.join(',')}\n`).join('');
}

export type Given = Options & Pick<ExtractContext, 'progress' | 'signal' | 'partRows'>;

/** Pictures of one colour each, their table `items.csv` and the models of `writeColourModels`, in a folder of their own. */
export function pictureSet() {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  /** The mean colour of each picture, which is its embedding. */
  const means: (readonly number[])[] = [];
  let names = 0;
  const newName = (name: string) => at(`new-${names++}-${name}`);

  beforeAll(async () => {
    process.env.RANKSTREAM_CACHE = at('cache');
    writeColourModels(folder);
    for (const row of rows) means.push(await writePicture(at(paths[row]), [row / ROWS, 1 - row / ROWS, 0.5], row));
    writeFileSync(at('items.csv'), csv());
  });

  /** Extracts into a file of its own, in parts of `PART` rows. */
  async function extracted({ progress, signal, partRows = PART, ...options }: Given): Promise<ExtractOutcome & { readonly bytes: Buffer }> {
    const given: Options = { items: at('items.csv'), model: at('pictures.onnx'), device: 'cpu', out: newName('e.parquet'), ...options };
    const outcome = await runExtract(given, { progress, signal, partRows });
    return { ...outcome, bytes: readFileSync(outcome.file) };
  }

  /** What it says when it refuses to. */
  async function refused(options: Given): Promise<string> {
    return (await refusal(() => extracted(options))).replaceAll(`${folder}/`, '');
  }
  return { folder, at, means, newName, extracted, refused };
}

export async function vectorsIn(file: string): Promise<number[][]> {
  const batches = await collect(readEmbeddings(file));
  return batches.flatMap(({ data, rows: count, dim }) =>
    Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)]),
  );
}

/** The same vectors but for rounding. */
export function near(vectors: readonly (readonly number[])[]) {
  return vectors.map((vector) => vector.map((x) => expect.closeTo(x, 5)));
}
