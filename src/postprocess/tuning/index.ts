export { type Grid, parseGrid } from './grid.js';
export { type HeldOut, type TuneCost, type Tuned, type TunedFold, type TuneOptions, tune } from './tune.js';
