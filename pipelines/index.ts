export type { Comparison } from '../src/report/comparison.js';
export { runCompare } from './compare.js';
export { type RunContext, runEvaluate } from './evaluate.js';
export { runMerge } from './merge.js';
export { runMetrics } from './metrics.js';
export type { Options } from './options.js';
export { runPostprocess } from './postprocess.js';
export { runSearch, type SearchOutcome } from './search.js';
export { runTrecEval, type TrecOutcome } from './trec-eval.js';
