import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { firstLine, UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';

const FORMAT = 'rankstream hnsw index';

/** What a saved index is of. It stands beside the index, in FILE.json; FILE is hnswlib's own format, which other tools read too. */
interface Card {
  readonly format: typeof FORMAT;
  readonly version: 1;
  /** See `Gallery.fingerprint`. */
  readonly fingerprint: string;
  readonly rows: number;
  readonly dimension: number;
  readonly distance: Distance;
  /** Of the index file: hnswlib does not survive a damaged one. */
  readonly sha256: string;
}

/** Saves an index with its card, whole or not at all. @param write writes the index to a path */
export async function saveWithCard(
  path: string,
  gallery: Gallery,
  distance: Distance,
  write: (path: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await write(temporary);
    const { fingerprint, size: rows, dim: dimension } = gallery;
    const card: Card = { format: FORMAT, version: 1, fingerprint, rows, dimension, distance, sha256: await sha256(temporary) };
    await writeFile(`${temporary}.json`, `${JSON.stringify(card, null, 2)}\n`);
    await rename(`${temporary}.json`, cardOf(path));
    await rename(temporary, path);
  } catch (error) {
    await Promise.all([temporary, `${temporary}.json`].map((file) => rm(file, { force: true })));
    throw new UserError(`${path}: the index cannot be written (${firstLine(error).replaceAll(temporary, path)})`);
  }
}

/** @throws UserError when the saved index is of another gallery, dimension or distance, is damaged, or is none of ours */
export async function checkCard(path: string, gallery: Gallery, distance: Distance): Promise<void> {
  const card = await readCard(path);
  const refuse = (what: string) => new UserError(`${path}: ${what}; remove it to build a new index, or name another file`);
  const wanted = { dimension: gallery.dim, rows: gallery.size, distance, fingerprint: gallery.fingerprint };
  for (const key of ['dimension', 'distance', 'rows'] as const) {
    if (card[key] !== wanted[key]) throw refuse(`an index for ${key} ${card[key]}, not ${wanted[key]}`);
  }
  if (card.fingerprint !== wanted.fingerprint) throw refuse(`an index of other vectors than those of ${gallery.source}`);
  if (card.sha256 !== (await sha256(path))) throw refuse('the index is damaged: it is not the file that was saved');
}

async function readCard(path: string): Promise<Card> {
  try {
    const card = JSON.parse(await readFile(cardOf(path), 'utf8'));
    if (card?.format === FORMAT && card.version === 1) return card;
  } catch {
    // Said below.
  }
  throw new UserError(`${path}: no index that rankstream saved (${cardOf(path)} should tell of which gallery it is); name another file`);
}

function cardOf(path: string): string {
  return `${path}.json`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  } catch (error) {
    throw new UserError(`${path}: the index cannot be read (${firstLine(error)})`);
  }
  return hash.digest('hex');
}
