import { didYouMean, UserError } from '../../data/errors.js';
import { entryOf, type Parameter, readSpec, usageOf } from '../spec.js';
import {
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
import { NORMALISATIONS, type Normalise } from './normalise.js';

interface Entry {
  /** Other names it is called by: those of ranx and of the papers. */
  readonly aliases?: readonly string[];
  readonly params?: readonly Parameter[];
  // Its arguments are numbers, as many as `params` has.
  readonly make: (...values: (number | undefined)[]) => Fuse;
  /** The method with a weight for each run, where it has them. */
  readonly weighted?: (weights: readonly number[]) => Fuse;
}

/** Every method of fusion by its name on the command line: a table of contents. */
const FUSIONS: Readonly<Record<string, Entry>> = {
  rrf: { params: [{ name: 'k', optional: true }], make: rrf },
  sum: { aliases: ['combsum', 'wsum'], make: combSum, weighted: weightedSum },
  mnz: { aliases: ['combmnz'], make: combMnz },
  anz: { aliases: ['combanz'], make: combAnz },
  max: { aliases: ['combmax'], make: combMax },
  min: { aliases: ['combmin'], make: combMin },
  med: { aliases: ['combmed'], make: combMed },
  isr: { make: isr },
  'log-isr': { aliases: ['log_isr'], make: logIsr },
  'logn-isr': { aliases: ['logn_isr'], params: [{ name: 'sigma', optional: true }], make: lognIsr },
  borda: { aliases: ['bordafuse', 'w_bordafuse'], make: () => borda(), weighted: borda },
  condorcet: { aliases: ['w_condorcet'], make: () => condorcet(), weighted: condorcet },
  rbc: { params: [{ name: 'phi', optional: true }], make: rbc },
};

/**
 * A method of fusion from its specification: `rrf`, `rrf:k=60`, `rbc:phi=0.8`, `sum`.
 * @param weights one for each run, for the methods that take them
 * @throws UserError for an unknown method, a parameter that is unknown or of the wrong kind, weights where there is no use for them
 */
export function parseFusion(spec: string, weights?: readonly number[]): Fuse {
  const { weighted, plain } = methodOf(spec);
  return weights === undefined ? plain() : weighted(weights);
}

/** A method as a function of the weights. @throws UserError as `parseFusion` */
export function parseWeightedFusion(spec: string): (weights: readonly number[]) => Fuse {
  return methodOf(spec).weighted;
}

function methodOf(spec: string): { plain: () => Fuse; weighted: (weights: readonly number[]) => Fuse } {
  const [name, { params = [], make, weighted }, list] = entryOf('method of fusion', spec, FUSIONS);
  const values = readSpec(`fusion "${spec}"`, list, params, `write ${usageOf(name, params)}`);
  return {
    plain: () => make(...(values as (number | undefined)[])),
    weighted: (weights) => {
      if (weighted) return weighted(weights);
      const those = Object.keys(FUSIONS).filter((one) => FUSIONS[one].weighted);
      throw new UserError(`fusion "${name}" takes no weights; ${those.join(', ')} do`);
    },
  };
}

/** A normalisation by its name. @throws UserError for an unknown one */
export function parseNormalisation(name: string): Normalise {
  const found = Object.hasOwn(NORMALISATIONS, name) && NORMALISATIONS[name];
  if (found) return found;
  const known = Object.keys(NORMALISATIONS);
  throw new UserError(`unknown normalisation "${name}" (there are: ${known.join(', ')})${didYouMean(name, known)}`);
}
