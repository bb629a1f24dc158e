export { cachedItems } from './cached-items.js';
export type { Pairs, PairwiseModel } from './pairwise-model.js';
export { openSiamese, type SiameseOptions } from './siamese.js';
export { type TrivialSiameseOptions, trivialSiamese } from './trivial-siamese.js';
