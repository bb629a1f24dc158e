export { csls } from './csls.js';
export { minMax } from './min-max.js';
export { sNorm } from './s-norm.js';
export { tNorm } from './t-norm.js';
export { zNorm } from './z-norm.js';
