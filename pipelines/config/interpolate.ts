import { didYouMean, UserError } from '../../src/data/errors.js';
import { isMapping, type Mapping } from './yaml-file.js';

/** `${model.name}`, `${env:HOME}`, `${env:HOME,default}`. */
const REFERENCE = /\$\{([^{}]*)\}/g;

/**
 * Values with their references resolved: `${a.b}` is the value of that path, `${env:NAME}` an environment variable, `${env:NAME,text}` one with a
 * default. A text that is one reference takes its value as it is (a number, a list); within a longer text it becomes text.
 * @param where tells where the value of a path stands, for messages
 * @throws UserError for a path or a variable that is not there, and for a value that refers to itself
 */
export function interpolate(values: Mapping, where: (path: readonly string[]) => string): Mapping {
  const resolved = (value: unknown, path: readonly string[], stack: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((one, i) => resolved(one, [...path, String(i)], stack));
    if (isMapping(value))
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, [...path, name], stack)]));
    if (typeof value !== 'string') return value;
    const looked = (reference: string) => lookUp(reference.trim(), path, stack);
    const [whole, only] = /^\$\{([^{}]*)\}$/.exec(value) ?? [];
    if (whole !== undefined) return looked(only);
    return value.replace(REFERENCE, (_, reference: string) => asText(looked(reference), path, reference));
  };
  const fail = (path: readonly string[], message: string) => new UserError(`${where(path)}: ${path.join('.')}: ${message}`);

  const lookUp = (reference: string, path: readonly string[], stack: readonly string[]): unknown => {
    const [, variable, usual] = /^env:([^,]*)(?:,(.*))?$/s.exec(reference) ?? [];
    if (variable !== undefined) {
      const value = process.env[variable] ?? usual;
      if (value === undefined)
        throw fail(path, `there is no environment variable ${variable}; set it, or write \${env:${variable},DEFAULT}`);
      return value;
    }
    if (stack.includes(reference)) throw fail(path, `\${${reference}} refers to itself`);
    const names = reference.split('.');
    let value: unknown = values;
    for (const name of names) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
        const known = isMapping(value) ? Object.keys(value) : [];
        throw fail(path, `there is no value \${${reference}}${didYouMean(name, known)}`);
      }
      value = (value as Mapping)[name];
    }
    return resolved(value, names, [...stack, reference]);
  };
  const asText = (value: unknown, path: readonly string[], reference: string): string => {
    if (typeof value === 'object') throw fail(path, `\${${reference}} is no plain value, and cannot stand within a text`);
    return String(value);
  };
  return resolved(values, [], []) as Mapping;
}
