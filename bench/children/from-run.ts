import { runMetrics } from '../../pipelines/metrics.js';
import type { Options } from '../../pipelines/options.js';
import { answer, childArgument, secondsSince } from '../child.js';

/* `rankstream metrics --run --qrels` as a process of its own, from text to metrics. */
const start = performance.now();
const { metrics, seconds } = await runMetrics(childArgument<Options>());
answer({ seconds: { ...seconds, 'text to metrics': secondsSince(start) }, metrics });
