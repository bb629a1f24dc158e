export type { Candidates } from './candidates.js';
export { type FusionOptions, fuseResults } from './fuse.js';
export {
  borda,
  combAnz,
  combMax,
  combMed,
  combMin,
  combMnz,
  combSum,
  condorcet,
  type Fuse,
  isr,
  logIsr,
  lognIsr,
  rbc,
  rrf,
  weightedSum,
} from './methods.js';
export { NORMALISATIONS, type Normalise } from './normalise.js';
export { parseFusion, parseNormalisation, parseWeightedFusion } from './registry.js';
export { type TunedWeights, type TuneWeightsOptions, tuneWeights, type WeightFold, weightGrid } from './tune-weights.js';
