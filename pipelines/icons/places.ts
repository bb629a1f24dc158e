import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of our package: the nearest one upwards with a package.json, whether this file runs from the sources or from dist/. */
export const PACKAGE_ROOT = nearestPackage(dirname(fileURLToPath(import.meta.url)));

/** The model and the names it was trained on; they are not copied into dist/. */
export const ASSETS = join(PACKAGE_ROOT, 'pipelines', 'icons', 'assets');

function nearestPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : nearestPackage(dirname(folder));
}
