import { runEvaluate } from '../../pipelines/evaluate.js';
import type { Options } from '../../pipelines/options.js';
import { answer, childArgument, secondsSince } from '../child.js';

/* `rankstream evaluate` as a process of its own, from files on disk to metrics. */
const start = performance.now();
const { metrics, seconds } = await runEvaluate(childArgument<Options>());
answer({ seconds: { ...seconds, 'files to metrics': secondsSince(start) }, metrics });
