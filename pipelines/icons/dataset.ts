import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UserError } from '../../src/data/errors.js';
import { ASSETS } from './places.js';

/** The styles every icon is drawn in, in the order of the table's rows. */
export const WEIGHTS = ['thin', 'light', 'regular', 'bold', 'fill', 'duotone'] as const;
export type Weight = (typeof WEIGHTS)[number];

/** One drawing: an icon in one weight. */
export interface Icon {
  readonly id: string;
  /** The name of the icon: all its weights are the same thing. */
  readonly label: string;
  readonly category: string;
  readonly weight: Weight;
  /** The SVG, relative to the folder of the pictures. */
  readonly path: string;
  /** Cross-style search: outlines look for their filled form. Duotone, which contains both, takes no part. */
  readonly isQuery: boolean;
  readonly isGallery: boolean;
}

export interface IconSet {
  /** Version of @phosphor-icons/core. */
  readonly version: string;
  /** Folder that the paths of the icons start from. */
  readonly picturesRoot: string;
  /** By name, then weight. */
  readonly icons: readonly Icon[];
}

interface CatalogEntry {
  readonly name: string;
  readonly figma_category: string;
}

/** The icons whose names the embedder has never seen. */
export function validationIcons(): IconSet {
  const { version, folder, entries } = catalog();
  const trained = trainingNames();
  const unseen = entries.filter(({ name }) => !trained.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    version,
    picturesRoot: join(folder, 'assets'),
    icons: unseen.flatMap((entry) => WEIGHTS.map((weight) => drawing(entry, weight))),
  };
}

/** The names that the embedder was trained on. */
export function trainingNames(): ReadonlySet<string> {
  return new Set(readFileSync(join(ASSETS, 'icon-train-names.txt'), 'utf8').split('\n').filter(Boolean));
}

function drawing({ name, figma_category: category }: CatalogEntry, weight: Weight): Icon {
  const file = weight === 'regular' ? name : `${name}-${weight}`;
  return {
    id: `${name}-${weight}`,
    label: name,
    category,
    weight,
    path: `${weight}/${file}.svg`,
    isQuery: weight !== 'fill' && weight !== 'duotone',
    isGallery: weight === 'fill',
  };
}

function catalog(): { version: string; folder: string; entries: CatalogEntry[] } {
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    // The package does not export its package.json, so that only its entry point can be resolved: <folder>/dist/index.umd.js.
    folder = join(require.resolve('@phosphor-icons/core'), '..', '..');
  } catch {
    throw new UserError('the icons are not installed: run this in a clone of rankstream, after `npm ci` (package @phosphor-icons/core)');
  }
  const { icons } = require('@phosphor-icons/core') as { icons: CatalogEntry[] };
  const { version } = require(join(folder, 'package.json')) as { version: string };
  return { version, folder, entries: icons };
}
