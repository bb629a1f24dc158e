export { alphaQueryExpansion, type ExpansionOptions } from './alpha-query-expansion.js';
export { type AugmentationOptions, databaseAugmentation } from './database-augmentation.js';
export { pcaWhitening, type Whitening, type WhiteningOptions, whiteningFit } from './pca-whitening.js';
export { parseTransforms, registerTransform, type TransformFamily, transformUsages } from './registry.js';
export { type EmbeddingTransform, type FittedTransform, fitTransforms, type OpenSearcher } from './transform.js';
