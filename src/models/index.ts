export { batchMatters } from './batch-probe.js';
export { cachedItems } from './cached-items.js';
export { type Extractor, type ExtractorOptions, openExtractor } from './extractor.js';
export { itemTexts } from './item-texts.js';
export { METADATA_KEY, readModelSpec, withModelSpec } from './model-metadata.js';
export { type ModelSpec, POOLINGS, type Pooling, parseModelSpec } from './model-spec.js';
export { NotFiniteError } from './not-finite.js';
export { openPairwise } from './open-pairwise.js';
export type { PairOptions } from './pair-runs.js';
export { type Pairs, type PairwiseModel, shapeFits } from './pairwise-model.js';
export { normaliseRows, pool } from './pooling.js';
export { openProjection, type Projection } from './projection.js';
export { openSiamese, type SiameseOptions } from './siamese.js';
export { openTextPairs, type TextPair, type TextPairOptions } from './text-pairs.js';
export { type TokenInputs, type TokenOptions, tokenInputs } from './token-feeds.js';
export type { TokenIds } from './token-layout.js';
export { openTokenizer, type Tokenizer } from './tokenizer.js';
export {
  applyTransform,
  type Picture,
  type PictureTensor,
  parseTransform,
  type Step as PictureStep,
  type Transform as PictureTransform,
  transformedShape,
} from './transforms/index.js';
export { type TrivialSiameseOptions, trivialSiamese } from './trivial-siamese.js';
export type { DownloadOptions, DownloadProgress } from './zoo/download.js';
export { type FindModelOptions, type FoundModel, findModel } from './zoo/find-model.js';
export { cacheFolder } from './zoo/places.js';
export { ZOO } from './zoo/zoo.js';
export type { ZooFile, ZooModel } from './zoo/zoo-model.js';
