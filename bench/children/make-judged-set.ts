import { answer, childArgument, secondsSince } from '../child.js';
import { type JudgedSet, judgedQueries } from '../judged-set.js';
import { openNpy } from '../npy.js';

/* Writes a run and its judgements, for the Python peers. */
const { set, folder } = childArgument<{ set: JudgedSet; folder: string }>();
const start = performance.now();
const retrieved = openNpy(`${folder}/retrieved.npy`, '<i4', [set.queries, set.retrieved]);
const relevant = openNpy(`${folder}/relevant.npy`, '<i4', [set.queries, set.relevant]);
const gains = openNpy(`${folder}/gains.npy`, '<f4', [set.queries, set.relevant]);
for (const query of judgedQueries(set)) {
  retrieved.write(query.retrieved);
  relevant.write(query.relevant);
  gains.write(query.gains);
}
for (const file of [retrieved, relevant, gains]) file.close();
answer({ seconds: { write: secondsSince(start) } });
