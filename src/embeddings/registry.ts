import { addStep, entryOf, readSpec, type StepFamily, usageOf, usages } from '../postprocess/spec.js';
import { alphaQueryExpansion } from './alpha-query-expansion.js';
import { databaseAugmentation } from './database-augmentation.js';
import { pcaWhitening } from './pca-whitening.js';
import type { EmbeddingTransform } from './transform.js';

/** A transform is made at once, so that a chain of them is known without waiting. */
export interface TransformFamily extends StepFamily<EmbeddingTransform> {
  readonly make: (...values: never[]) => EmbeddingTransform;
}

/** Every transform by its name on the command line and in YAML: a table of contents. */
const TRANSFORMS: Record<string, TransformFamily> = {
  'pca-whitening': { aliases: ['pca'], params: [{ name: 'dim', optional: true }], make: (dim?: number) => pcaWhitening({ dim }) },
  'alpha-query-expansion': {
    aliases: ['qe'],
    params: [{ name: 'n' }, { name: 'alpha', optional: true, usual: 3 }],
    make: (n: number, alpha?: number) => alphaQueryExpansion({ n, alpha }),
  },
  'database-augmentation': {
    aliases: ['dba'],
    params: [{ name: 'n' }, { name: 'alpha', optional: true }],
    make: (n: number, alpha?: number) => databaseAugmentation({ n, alpha }),
  },
};

/**
 * Makes a transform of embeddings known by its name to `parseTransforms`, and so to the CLI.
 * @throws UserError when the name is taken, or has more than letters, digits, - and _ in it
 */
export function registerTransform(name: string, family: TransformFamily): void {
  addStep('transform', name, family, TRANSFORMS);
}

/** How every transform is written, with what holds where a parameter is left out. */
export function transformUsages(): string[] {
  return usages(TRANSFORMS);
}

/**
 * A chain of transforms from its specification: steps joined by `|`, or a list of such texts, one after the other.
 * @example parseTransforms('pca:64 | qe:n=5,alpha=3 | dba:n=5')
 * @throws UserError for an unknown name, a parameter that is missing, unknown or of the wrong kind, an empty step
 */
export function parseTransforms(specs: string | readonly string[]): EmbeddingTransform[] {
  return [specs]
    .flat()
    .flatMap((text) => text.split('|'))
    .map((step) => {
      const spec = step.trim();
      const [name, { params, make }, list] = entryOf('transform', spec, TRANSFORMS);
      return make(...(readSpec(`transform "${spec}"`, list, params, `write ${usageOf(name, params)}`) as never[]));
    });
}
