import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of our package: the nearest one upwards with a package.json, whether this file runs from the sources or from dist/. */
export const PACKAGE_ROOT = nearestPackage(dirname(fileURLToPath(import.meta.url)));

function nearestPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : nearestPackage(dirname(folder));
}
