import { BUNDLED_MODELS } from '../../src/models/zoo/places.js';

export { PACKAGE_ROOT } from '../../src/runtime/package-root.js';

/** The models and the names they were trained on; they are not copied into dist/. */
export const ASSETS = BUNDLED_MODELS;
