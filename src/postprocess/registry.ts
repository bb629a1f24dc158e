import { didYouMean, UserError } from '../data/errors.js';
import { adaptiveThreshold } from './adaptive-threshold.js';
import { constantThreshold } from './constant-threshold.js';
import type { Postprocessor } from './postprocessor.js';

type AnyPostprocessor = Postprocessor<unknown>;

/** Every post-processor by its name on the command line and in YAML, with the names of its parameters in order. */
const POSTPROCESSORS: Record<string, { params: readonly string[]; make: (...values: number[]) => AnyPostprocessor }> = {
  'constant-threshold': { params: ['threshold'], make: constantThreshold },
  'adaptive-threshold': { params: ['factor'], make: adaptiveThreshold },
};

/**
 * A post-processor from its specification: `constant-threshold:0.8`, or with names `constant-threshold:threshold=0.8`.
 * @throws UserError for an unknown name, a parameter that is missing, unknown or not a number
 */
export function parsePostprocessor(spec: string): AnyPostprocessor {
  const [name, list] = spec.split(/:(.*)/s);
  const entry = Object.hasOwn(POSTPROCESSORS, name) ? POSTPROCESSORS[name] : undefined;
  if (!entry) {
    const known = Object.keys(POSTPROCESSORS);
    throw new UserError(`unknown post-processor "${name}" (there are: ${known.join(', ')})${didYouMean(name, known)}`);
  }
  const usage = `write ${name}:${entry.params.map((param) => `${param}=NUMBER`).join(',')}`;
  const values = new Map<string, number>();
  for (const [i, part] of (list ? list.split(',') : []).entries()) {
    const [left, right] = part.split('=');
    const param = right === undefined ? entry.params[i] : left.trim();
    const text = (right ?? left).trim();
    if (param === undefined || !entry.params.includes(param))
      throw new UserError(`post-processor "${spec}": no parameter for "${part}"; ${usage}`);
    if (text === '' || Number.isNaN(Number(text)))
      throw new UserError(`post-processor "${spec}": ${param} must be a number, not "${text}"; ${usage}`);
    values.set(param, Number(text));
  }
  const missing = entry.params.find((param) => !values.has(param));
  if (missing) throw new UserError(`post-processor "${spec}": ${missing} is missing; ${usage}`);
  return entry.make(...entry.params.map((param) => values.get(param) as number));
}
