export { adaptiveThreshold } from './adaptive-threshold.js';
export { constantThreshold } from './constant-threshold.js';
export * from './fusion/index.js';
export type { Context, Json, JsonObject, Postprocessor } from './postprocessor.js';
export { closeChain, POSTPROCESSOR_NAMES, parseChain, parsePostprocessor } from './registry.js';
export { rerank } from './rerank.js';
export { openRerank } from './rerank-model.js';
export { top } from './top.js';
export * from './tuning/index.js';
