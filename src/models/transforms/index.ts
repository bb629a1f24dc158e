export { applyTransform, type PictureTensor } from './apply.js';
export type { Picture } from './picture.js';
export { refuseMisfit, transformedShape } from './shape.js';
export { parseTransform, type Step, type Transform } from './steps.js';
