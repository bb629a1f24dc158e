import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.js';
import type { World } from './synthetic.js';

/** A set on disk. */
export interface DataSet {
  readonly world: World;
  /**
   * `pair`: queries and gallery in two files, with .npy copies for the peers; `table`: one table with is_query and is_gallery; `arrow`: two Arrow files,
   * and one of the first queries.
   */
  readonly form: 'pair' | 'table' | 'arrow';
  readonly queries: number;
  readonly gallery: number;
}

/** The size of Stanford Online Products' test set, with the vectors of a small ViT. */
export const PRODUCTS: DataSet = {
  world: { dim: 384, labels: 5_000, categories: 12, seed: 1 },
  form: 'pair',
  queries: 10_000,
  gallery: 60_502,
};

/** The same with ten times the queries. */
export const MORE_QUERIES: DataSet = { ...PRODUCTS, queries: 100_000 };

/** OML's issue 562: 450,000 items of 172 labels in one table; 20,000 of them are queries too. */
export const ISSUE562: DataSet = {
  world: { dim: 128, labels: 172, categories: 8, seed: 3 },
  form: 'table',
  queries: 20_000,
  gallery: 450_000,
};

/** A gallery of 2 GB. */
export const MILLIONS: DataSet = {
  world: { dim: 128, labels: 200_000, categories: 8, seed: 4 },
  form: 'arrow',
  queries: 4_000,
  gallery: 4_000_000,
};

/** A set of a fraction of the size, to try a benchmark. */
export function scaled(set: DataSet, scale: number): DataSet {
  return { ...set, queries: Math.ceil(set.queries * scale), gallery: Math.ceil(set.gallery * scale) };
}

/** Part of the name of a set's folder: raise it when the data that is made for the same sizes changes. */
const VERSION = 1;
const folder = fileURLToPath(new URL('../../bench/data/', import.meta.url));

/** Makes a set unless it is there. @returns its folder: q.parquet and g.parquet, or items.parquet */
export function ensureData(set: DataSet): Promise<string> {
  const { dim, labels, seed } = set.world;
  return dataFolder(`${set.form}-${set.queries}x${set.gallery}x${dim}-${labels}-seed${seed}`, 'make-data', set);
}

/** A folder of files that `bench/children/MAKE.ts` makes, given the set and the folder, unless it is there. */
export async function dataFolder(name: string, make: string, set: object): Promise<string> {
  const path = `${folder}${name}-v${VERSION}`;
  if (existsSync(path)) return path;
  console.error(`making ${name} ...`);
  const unfinished = `${path}.${process.pid}.tmp`;
  mkdirSync(unfinished, { recursive: true });
  try {
    // In a process of its own: what it holds would stay in this one's peak memory, and children inherit it.
    await runChild(make, { set, folder: unfinished });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return path;
}
