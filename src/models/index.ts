export { cachedItems } from './cached-items.js';
export { imageTensors } from './image-tensors.js';
export { type ModelSpec, POOLINGS, type Pooling, parseModelSpec } from './model-spec.js';
export { type Pairs, type PairwiseModel, shapeFits } from './pairwise-model.js';
export { normaliseRows, pool } from './pooling.js';
export { openSiamese, type SiameseOptions } from './siamese.js';
export { type TrivialSiameseOptions, trivialSiamese } from './trivial-siamese.js';
export type { FoundModel } from './zoo/find-model.js';
