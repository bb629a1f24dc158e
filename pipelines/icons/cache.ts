import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IconSet } from './dataset.js';
import { PIXELS, PREPARATION, rasteriseAll } from './rasterise.js';

export interface Rasters {
  /** 64 x 64 bytes for each icon, in the order of the set. */
  readonly images: Uint8Array;
  /** Whether they were on disk already. */
  readonly cached: boolean;
}

/** The icons as pictures: from `folder` when they were drawn before from the same drawings in the same way, else drawn now and kept there. */
export async function cachedRasters({ version, picturesRoot, icons }: IconSet, folder: string): Promise<Rasters> {
  const paths = icons.map((icon) => icon.path);
  const key = createHash('sha256').update(JSON.stringify({ PREPARATION, version, paths })).digest('hex').slice(0, 16);
  const file = join(folder, `phosphor-${version}-${key}.gray`);
  const kept = await readFile(file).catch(() => undefined);
  if (kept?.length === icons.length * PIXELS) return { images: kept, cached: true };
  const images = await rasteriseAll(paths.map((path) => join(picturesRoot, path)));
  await mkdir(folder, { recursive: true });
  // Another process may be drawing the same icons, and an interrupted one must not leave half a file under the final name.
  const unfinished = `${file}.${process.pid}`;
  try {
    await writeFile(unfinished, images);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return { images, cached: false };
}
