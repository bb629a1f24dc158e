import { join } from 'node:path';
import { CLIP } from './clip.js';
import { DINO } from './dino.js';
import { ICONS } from './icons.js';
import { MORE_IMAGES } from './more-images.js';
import { BUNDLED_MODELS, cacheFolder, hubAddress } from './places.js';
import { TEXTS } from './texts.js';
import type { ZooFile, ZooModel } from './zoo-model.js';

/** The models that can be asked for by their names: a table of contents. */
export const ZOO: readonly ZooModel[] = [...ICONS, ...DINO, ...CLIP, ...MORE_IMAGES, ...TEXTS];

/** Where the files of a model stand, or would. @param cache by default `cacheFolder()` */
export function folderOf({ name, hub }: ZooModel, cache: string = cacheFolder()): string {
  return hub ? join(cache, 'models', name) : BUNDLED_MODELS;
}

/** Where a file of a model is downloaded from; undefined for one that comes with the package. */
export function addressOf({ hub }: ZooModel, { path }: ZooFile): string | undefined {
  return hub && `${hubAddress()}/${hub.repo}/resolve/${hub.revision}/${path}`;
}

/** The page on which a model is described. */
export function pageOf({ hub }: ZooModel): string {
  return hub ? `https://huggingface.co/${hub.repo}` : 'part of rankstream';
}
