import { readRetrieval } from '../io/retrieval-file.js';
import { adaptiveThreshold } from './adaptive-threshold.js';
import { blend } from './blend.js';
import { collapse } from './collapse.js';
import { constantThreshold } from './constant-threshold.js';
import { kReciprocal } from './k-reciprocal/k-reciprocal.js';
import { mmr } from './mmr.js';
import { csls, minMax, sNorm, tNorm, zNorm } from './normalise/index.js';
import type { Postprocessor } from './postprocessor.js';
import { openRerank } from './rerank-model.js';
import { addStep, entryOf, readSpec, type StepFamily, usageOf, usages } from './spec.js';
import { top } from './top.js';

type AnyPostprocessor = Postprocessor<unknown>;

/** Every post-processor by its name on the command line and in YAML: a table of contents. */
const POSTPROCESSORS: Record<string, StepFamily<AnyPostprocessor>> = {
  'constant-threshold': { aliases: ['constant'], params: [{ name: 'threshold' }], make: constantThreshold },
  'adaptive-threshold': { aliases: ['adaptive'], params: [{ name: 'factor' }], make: adaptiveThreshold },
  rerank: {
    params: [
      { name: 'model', kind: 'text' },
      { name: 'batch', optional: true },
      { name: 'orders', kind: 'text', optional: true, usual: 'one' },
      { name: 'device', kind: 'text', optional: true, usual: 'cpu' },
      { name: 'max-length', optional: true },
      { name: 'output', kind: 'text', optional: true, usual: 'score' },
      { name: 'topN', at: true },
    ],
    make: openRerank,
  },
  top: { params: [{ name: 'count' }], make: top },
  'min-max': { params: [], make: minMax },
  'z-norm': { params: [], make: zNorm },
  't-norm': { params: [], make: tNorm },
  's-norm': { params: [], make: sNorm },
  csls: { params: [{ name: 'k', optional: true, usual: 10 }], make: csls },
  mmr: {
    params: [
      { name: 'lambda', optional: true, usual: 0.5 },
      { name: 'topN', at: true, optional: true, usual: 100 },
    ],
    make: (lambda?: number, topN?: number) => mmr({ lambda, topN }),
  },
  collapse: { params: [{ name: 'column', kind: 'text' }], make: collapse },
  blend: {
    params: [
      { name: 'file', kind: 'text' },
      { name: 'normalise', kind: 'text', optional: true, usual: 'min-max' },
      { name: 'weight', at: true },
    ],
    make: (file: string, normalise: string | undefined, weight: number) => blend(readRetrieval(file), { name: file, weight, normalise }),
  },
  'k-reciprocal': {
    params: [
      { name: 'k1', optional: true, usual: 20 },
      { name: 'k2', optional: true, usual: 6 },
      { name: 'lambda', optional: true, usual: 0.3 },
    ],
    make: (k1?: number, k2?: number, lambda?: number) => kReciprocal({ k1, k2, lambda }),
  },
};

/**
 * Makes a post-processor known by its name to `parseChain`, and so to the CLI and to whatever else takes a chain.
 * @example registerPostprocessor('keep', { params: [{ name: 'count' }], make: (count: number) => top(count) });
 * @throws UserError when the name is taken, or has more than letters, digits, - and _ in it
 */
export function registerPostprocessor(name: string, family: StepFamily<AnyPostprocessor>): void {
  addStep('post-processor', name, family, POSTPROCESSORS);
}

/** How every post-processor is written, with what holds where a parameter is left out. */
export function postprocessorUsages(): string[] {
  return usages(POSTPROCESSORS);
}

/** The names of ours, without aliases. */
export const POSTPROCESSOR_NAMES: readonly string[] = Object.keys(POSTPROCESSORS);

/**
 * A chain of post-processors from its specification: steps joined by `|`, or a list of such texts, one after the other.
 * @example await parseChain('constant:0.8 | top:50')
 * @throws UserError for an unknown name, a parameter that is missing, unknown or of the wrong kind, an empty step, a model that cannot be opened
 */
export async function parseChain(specs: string | readonly string[]): Promise<AnyPostprocessor[]> {
  const steps = [specs].flat().flatMap((spec) => spec.split('|'));
  const chain: AnyPostprocessor[] = [];
  try {
    for (const step of steps) chain.push(await parsePostprocessor(step.trim()));
    return chain;
  } catch (error) {
    await closeChain(chain);
    throw error;
  }
}

/** Frees what the steps of a chain hold (models). */
export async function closeChain(chain: readonly AnyPostprocessor[]): Promise<void> {
  await Promise.all(chain.map((step) => step.close?.()));
}

/**
 * One post-processor from its specification: `constant:0.8`, with names `constant:threshold=0.8`, and `rerank:model.onnx@10` where a parameter comes
 * after an `@`.
 * @throws UserError as `parseChain`
 */
export async function parsePostprocessor(spec: string): Promise<AnyPostprocessor> {
  const [own, { params, make }, list] = entryOf('post-processor', spec, POSTPROCESSORS);
  const values = readSpec(`post-processor "${spec}"`, list, params, `write ${usageOf(own, params)}`);
  return make(...(values as never[]));
}
