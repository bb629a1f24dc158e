export { type EvaluateOptions, evaluate, type RunningEvaluation } from './evaluate.js';
export { measure } from './measure.js';
export { adaptiveThreshold, constantThreshold, postprocess } from './postprocess.js';
export { type Pump, type PumpOptions, pump } from './pump.js';
export { type InBlocksOptions, inQueryBlocks, rebatch } from './rebatch.js';
export { type SearchOptions, search } from './search.js';
export { openRetrievalSpool } from './spool.js';
export { isTwoPass, named, type Spool, type Stage, stage, type TwoPass } from './stage.js';
export { type Sink, sink, writeResults } from './write-results.js';
