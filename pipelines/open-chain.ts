import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import { closeChain, parseChain } from '../src/postprocess/registry.js';

/** A chain of post-processors for one run of a pipeline; disposing of it frees their models. */
export interface OpenChain extends AsyncDisposable {
  readonly steps: readonly Postprocessor<unknown>[];
}

/** Opens what a chain is made of, models included, so that what is wrong with it shows before the long work. @throws UserError as `parseChain` */
export async function openChain(specs: string | readonly string[]): Promise<OpenChain> {
  const steps = await parseChain(specs);
  return { steps, [Symbol.asyncDispose]: () => closeChain(steps) };
}
