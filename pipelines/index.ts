export { type RunContext, runEvaluate } from './evaluate.js';
export { runMetrics } from './metrics.js';
export type { Options } from './options.js';
export { runPostprocess } from './postprocess.js';
export { runSearch } from './search.js';
export { runTrecEval, type TrecOutcome } from './trec-eval.js';
