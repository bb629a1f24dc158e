export { adaptiveThreshold } from './adaptive-threshold.js';
export { constantThreshold } from './constant-threshold.js';
export type { Context, Json, JsonObject, Postprocessor } from './postprocessor.js';
export { parsePostprocessor } from './registry.js';
