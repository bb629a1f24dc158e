import type { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { answer, childArgument } from '../child.js';

/* Compares saved results: how many queries of a sample differ, in any bit of their lists, from the first ones of the whole. */
const { whole, sample } = childArgument<{ whole: string; sample: string }>();

async function* listsOf(file: string): AsyncGenerator<string, void, undefined> {
  for await (const rr of readRetrieval(file)) for (let q = 0; q < rr.length; q++) yield text(rr, q);
}

function text(rr: RetrievalResults, q: number): string {
  const bits = rr.distancesOf(q).slice();
  return `${rr.rows[q]}: ${rr.retrievedIds(q).join()} at ${new Uint32Array(bits.buffer).join()}`;
}

const all = listsOf(whole);
let [queries, different] = [0, 0];
for await (const lists of listsOf(sample)) {
  const { value } = await all.next();
  queries++;
  if (value !== lists) different++;
}
await all.return();
answer({ seconds: {}, notes: { queries, different } });
