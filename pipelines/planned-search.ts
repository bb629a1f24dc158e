import { inQueryBlocks, search } from '../operators/index.js';
import { type ChainOptions, type Outcome, runChain } from './chain.js';
import type { RunSearcher } from './open-searcher.js';
import type { Options } from './options.js';
import type { Sets } from './sets.js';

/** Searches all queries as the gallery was planned, and runs the chain on what is found: the same results in the same batches, whatever the plan. */
export async function runSearchChain(
  { planned, queries, count }: Sets,
  k: number,
  engine: RunSearcher,
  { radius, saveRelevance: keepRelevant, verbose }: Options,
  chain: ChainOptions,
): Promise<Outcome> {
  const say = (line: string) => {
    if (verbose) console.error(line);
  };
  say(planned.text);
  const { gallery, streamed } = planned;
  const stage = search(gallery, { k, radius, searcher: engine.searcher, keepRelevant });
  chain.progress.start('queries', count);
  const { signal } = chain;
  // A pass over a large gallery is no standstill of the pump.
  const patient = { ...chain, stallAfter: Number.POSITIVE_INFINITY };
  const outcome = streamed
    ? await runChain(inQueryBlocks(queries, stage, { rows: streamed.plan.queryRows, signal }), undefined, patient)
    : await runChain(queries, stage, chain);
  say(engine.text());
  return outcome;
}
