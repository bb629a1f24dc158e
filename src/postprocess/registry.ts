import { didYouMean, UserError } from '../data/errors.js';
import { adaptiveThreshold } from './adaptive-threshold.js';
import { constantThreshold } from './constant-threshold.js';
import type { Postprocessor } from './postprocessor.js';
import { openRerank } from './rerank-model.js';
import { type Parameter, readSpec, usageOf } from './spec.js';
import { top } from './top.js';

type AnyPostprocessor = Postprocessor<unknown>;

interface Entry {
  /** Other names it is called by. */
  readonly aliases?: readonly string[];
  readonly params: readonly Parameter[];
  // Its arguments have the kinds that `params` names.
  readonly make: (...values: never[]) => AnyPostprocessor | Promise<AnyPostprocessor>;
}

/** Every post-processor by its name on the command line and in YAML: a table of contents. */
const POSTPROCESSORS: Readonly<Record<string, Entry>> = {
  'constant-threshold': { aliases: ['constant'], params: [{ name: 'threshold' }], make: constantThreshold },
  'adaptive-threshold': { aliases: ['adaptive'], params: [{ name: 'factor' }], make: adaptiveThreshold },
  rerank: {
    params: [
      { name: 'model', kind: 'text' },
      { name: 'batch', optional: true },
      { name: 'orders', kind: 'text', optional: true },
      { name: 'device', kind: 'text', optional: true },
      { name: 'topN', at: true },
    ],
    make: openRerank,
  },
  top: { params: [{ name: 'count' }], make: top },
};

/** The names of all post-processors, without aliases. */
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
  const [name, list] = spec.split(/:(.*)/s);
  const known = Object.entries(POSTPROCESSORS);
  const found = known.find(([own, { aliases = [] }]) => own === name || aliases.includes(name));
  if (!found) {
    const nearest = didYouMean(
      name,
      known.flatMap(([own, { aliases = [] }]) => [own, ...aliases]),
    );
    throw new UserError(`unknown post-processor "${name}" (there are: ${POSTPROCESSOR_NAMES.join(', ')})${nearest}`);
  }
  const [own, { params, make }] = found;
  const values = readSpec(spec, list, params, `write ${usageOf(own, params)}`);
  return make(...(values as never[]));
}
