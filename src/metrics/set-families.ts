import { UserError } from '../data/errors.js';
import type { PairMeasure } from '../data/pair-counts.js';
import { bestF1, bestF1Threshold } from './best-f1.js';
import { eer, eerThreshold } from './eer.js';
import { fmrThresholdMeasure, fnmrAtFmr, tarAtFar } from './fnmr.js';
import { type ItemMeasure, pcfMeasure } from './pcf.js';

/** A family of metrics that have no value per query: of pairs of items, or of the items themselves. */
export interface SetFamily {
  /** What stands before the `@`. */
  readonly name: string;
  /** How a metric of the family is written. */
  readonly usage: string;
  /** One line for `--help`. */
  readonly about: string;
  /** The metric whose name has `parameter` after the `@` (undefined: there is no `@`). */
  readonly make: (parameter: string | undefined) => SetMetric;
}

export type SetMetric = { readonly of: 'pairs'; readonly measure: PairMeasure } | { readonly of: 'items'; readonly measure: ItemMeasure };

/** All of them: a new one is a file beside this one, and a line here. */
export const SET_FAMILIES: readonly SetFamily[] = [
  pairs('fnmr', 'fnmr@fmr=x', { 'fmr=': fnmrAtFmr }, 'share of relevant pairs that do not match where a share x of the others does'),
  pairs('tar', 'tar@far=x', { 'far=': tarAtFar }, 'share of relevant pairs that match where a share x of the others does'),
  pairs('eer', 'eer', { '': eer }, 'equal error rate of matches and non-matches'),
  pairs('best-f1', 'best-f1', { '': bestF1 }, 'the best F1 that a threshold of the distance reaches'),
  pairs(
    'threshold',
    'threshold@fmr=x|eer|best-f1',
    { 'fmr=': fmrThresholdMeasure, eer: eerThreshold, 'best-f1': bestF1Threshold },
    'the distance below which pairs match, where the named rate is reached',
  ),
  {
    name: 'pcf',
    usage: 'pcf@x',
    about: 'share of the dimensions that hold more than a share x of the variance',
    make: (parameter) => ({ of: 'items', measure: pcfMeasure(share('pcf@x', `pcf@${parameter ?? ''}`, parameter ?? '')) }),
  },
];

/** @param forms what may stand after the `@`; one that ends with `=` takes a number from 0 to 1 */
function pairs(name: string, usage: string, forms: Readonly<Record<string, (share: number) => PairMeasure>>, about: string): SetFamily {
  return {
    name,
    usage,
    about,
    make(parameter = '') {
      const full = parameter === '' ? name : `${name}@${parameter}`;
      const form = Object.keys(forms).find((start) => (start.endsWith('=') ? parameter.startsWith(start) : parameter === start));
      if (form === undefined) throw new UserError(`metric ${full}: write it as ${usage}`);
      return { of: 'pairs', measure: forms[form](form.endsWith('=') ? share(usage, full, parameter.slice(form.length)) : 0) };
    },
  };
}

function share(usage: string, name: string, text: string): number {
  if (/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  throw new UserError(`metric ${name}: write it as ${usage}, x being a number from 0 to 1`);
}
