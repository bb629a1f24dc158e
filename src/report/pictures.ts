import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import sharp, { type Region } from 'sharp';
import { mapLimited } from '../data/map-limited.js';
import { type Thumbnail, thumbnail } from '../data/thumbnail.js';
import type { Item } from './report.js';

/** A picture that is in the album. */
export interface Picture {
  /** Fragment identifier of the picture in the page. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** Thumbnails of all items of a report. */
export interface Album {
  /** The picture of an item; undefined when it has none or its file cannot be shown. */
  of(item: Item): Picture | undefined;
  /** SVG symbols, one for each distinct picture, so that a picture shown ten times is in the page once. */
  readonly symbols: string;
  readonly warnings: readonly string[];
}

export interface AlbumOptions {
  /** Folder that paths are relative to. */
  readonly root: string;
  /** Longest side of a thumbnail in pixels (128). */
  readonly size?: number;
  /** Pictures that are read at a time (8). */
  readonly concurrency?: number;
}

/** Makes the thumbnails. Files that are missing or broken are counted in a warning; nothing is thrown for them. */
export async function makeAlbum(items: Iterable<Item>, options: AlbumOptions): Promise<Album> {
  const { root, size = 128, concurrency = 8 } = options;
  const wanted = new Map<string, Item>();
  for (const item of items) if (item.path !== undefined && !wanted.has(keyOf(item))) wanted.set(keyOf(item), item);
  const keys = [...wanted.keys()];
  const thumbnails = await mapLimited([...wanted.values()], concurrency, (item) => thumbnailOf(item, root, size).catch(() => undefined));

  // Identifiers follow the order of the items, never the order in which files were read: the same report has the same bytes.
  const pictures = new Map<string, Picture>();
  const byUri = new Map<string, Picture>();
  const symbols: string[] = [];
  const broken = new Set<string>();
  thumbnails.forEach((made, i) => {
    if (!made) {
      broken.add(shownPath(wanted.get(keys[i])?.path as string, root));
      return;
    }
    const { uri, width, height } = made;
    let picture = byUri.get(uri);
    if (!picture) {
      picture = { id: `p${byUri.size}`, width, height };
      byUri.set(uri, picture);
      const image = `<image href="${uri}" width="${width}" height="${height}"/>`;
      symbols.push(`<symbol id="${picture.id}" viewBox="0 0 ${width} ${height}">${image}</symbol>`);
    }
    pictures.set(keys[i], picture);
  });
  return { of: (item) => pictures.get(keyOf(item)), symbols: symbols.join('\n'), warnings: warningsOf([...broken]) };
}

/** A path as the report shows it: an absolute one would tell where the report was made, so it is cut to what lies in the root folder. */
export function shownPath(path: string, root: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(root, path);
  return inside.startsWith('..') || isAbsolute(inside) ? basename(path) : inside;
}

async function thumbnailOf(item: Item, root: string, size: number): Promise<Thumbnail> {
  const file = resolve(root, item.path as string);
  if (!(await stat(file)).isFile()) throw new Error('not a file');
  // No rotation by EXIF: boxes are in stored coordinates, and the models see stored pixels.
  const source = sharp(await readFile(file), { failOn: 'error' });
  if (item.box) {
    const { width = 0, height = 0 } = await source.metadata();
    source.extract(regionOf(item.box, width, height));
  }
  return thumbnail(source, size);
}

/** The part of a box that lies in the picture, in whole pixels. */
function regionOf([x1, y1, x2, y2]: NonNullable<Item['box']>, width: number, height: number): Region {
  const [left, top] = [Math.max(0, Math.floor(x1)), Math.max(0, Math.floor(y1))];
  const region = { left, top, width: Math.min(width, Math.ceil(x2)) - left, height: Math.min(height, Math.ceil(y2)) - top };
  if (!(region.width > 0 && region.height > 0)) throw new Error('the box holds no pixel');
  return region;
}

function keyOf({ path, box }: Item): string {
  return JSON.stringify([path, box]);
}

function warningsOf(broken: readonly string[]): string[] {
  if (broken.length === 0) return [];
  const named = broken.slice(0, 3).join(', ') + (broken.length > 3 ? ', ...' : '');
  return [
    `${broken.length} ${broken.length === 1 ? 'picture' : 'pictures'} could not be shown (missing, or no image that can be read): ${named}`,
  ];
}
