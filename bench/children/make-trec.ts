import { closeSync, openSync, writeSync } from 'node:fs';
import { answer, childArgument, secondsSince } from '../child.js';
import { Random } from '../random.js';
import type { TrecSet } from '../trec-data.js';

/* Writes a run and qrels, query by query: lists in order of rank, scores of four decimals, gains 1 and 2. */
const { set, folder } = childArgument<{ set: TrecSet; folder: string }>();
const start = performance.now();
const random = new Random(set.seed);
const run = openSync(`${folder}/run.txt`, 'w');
const qrels = openSync(`${folder}/qrels.txt`, 'w');
const RELEVANT_RETRIEVED = 2;

for (let query = 0; query < set.queries; query++) {
  const documents = new Set<number>();
  while (documents.size < set.depth + set.relevant - RELEVANT_RETRIEVED) documents.add(random.below(set.documents));
  const ids = Array.from(documents, (document) => `doc${document}`);
  let score = 10 + 5 * random.uniform();
  const lines = ids.slice(0, set.depth).map((id, i) => {
    score -= 0.1 * random.uniform();
    return `${query} Q0 ${id} ${i + 1} ${score.toFixed(4)} r\n`;
  });
  writeSync(run, lines.join(''));
  // Those behind the depth were not retrieved.
  const relevant = new Set(ids.slice(set.depth));
  while (relevant.size < set.relevant) relevant.add(ids[random.below(set.depth)]);
  writeSync(qrels, Array.from(relevant, (id, i) => `${query} 0 ${id} ${1 + (i % 2)}\n`).join(''));
}
closeSync(run);
closeSync(qrels);
answer({ seconds: { write: secondsSince(start) } });
