import { dirname, resolve } from 'node:path';
import { UserError } from '../../src/data/errors.js';
import { isMapping, type Mapping, parseYaml, readYamlFile } from './yaml-file.js';

/** Values from one place: a file, or an override. */
export interface Layer {
  /** The place, for messages: the file, or the override as it was typed. */
  readonly where: string;
  readonly values: Mapping;
}

/**
 * A config file behind those that it names as `defaults` (relative to its own folder), which may do the same: what comes later holds.
 * @throws UserError for a file that is missing, is no YAML, or has itself among its defaults
 */
export async function fileLayers(file: string, parents: readonly string[] = []): Promise<Layer[]> {
  const path = resolve(file);
  if (parents.includes(path)) throw new UserError(`${file}: is among its own "defaults"`);
  const { defaults = [], ...values } = await readYamlFile(file);
  const named = [defaults].flat();
  const layers: Layer[] = [];
  for (const one of named) {
    if (typeof one !== 'string') throw new UserError(`${file}: "defaults" must be names of files, not ${JSON.stringify(one)}`);
    layers.push(...(await fileLayers(besides(file, one), [...parents, path])));
  }
  return [...layers, { where: file, values }];
}

function besides(file: string, other: string): string {
  const folder = dirname(file);
  return folder === '.' ? other : resolve(folder, other);
}

/** `model.device=webgpu`: a dotted path, and a value in YAML. @throws UserError for another form */
export function overrideLayer(text: string): Layer {
  const [, path, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  const names = path?.split('.');
  if (!names?.every(Boolean)) throw new UserError(`"${text}" is no override; write name=value, for example k=50 or model.device=cpu`);
  const values = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), parseYaml(value, text) ?? null);
  return { where: text, values: values as Mapping };
}

/**
 * Layers one upon the other: mappings are joined name by name, all else is replaced; null takes a value away. Where one layer has a plain name and
 * another its parts, the name is the part `name`: `model: x` and `model.device=cpu` are `model: { name: x, device: cpu }`.
 */
export function mergeLayers(layers: readonly Layer[]): Mapping {
  return withoutNulls(layers.reduce<Mapping>((merged, { values }) => merge(merged, values), {}));
}

function merge(below: Mapping, above: Mapping): Mapping {
  const joined = Object.entries(above).map(([name, value]) => {
    const before = Object.hasOwn(below, name) ? below[name] : undefined;
    if (!isMapping(value)) return [name, value];
    return [name, merge(isMapping(before) ? before : typeof before === 'string' ? { name: before } : {}, value)];
  });
  return { ...below, ...Object.fromEntries(joined) };
}

function withoutNulls(values: Mapping): Mapping {
  const kept = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([name, value]) => [name, isMapping(value) ? withoutNulls(value) : value]));
}

/** The last layer that has a value at a path, or at the nearest path above it; undefined: none has. */
export function whereIs(layers: readonly Layer[], path: readonly PropertyKey[]): string | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const found = layers.findLast(({ values }) => has(values, path.slice(0, depth)));
    if (found) return found.where;
  }
  return undefined;
}

function has(values: unknown, path: readonly PropertyKey[]): boolean {
  if (path.length === 0) return true;
  const [name, ...rest] = path;
  return typeof values === 'object' && values !== null && Object.hasOwn(values, name) && has((values as Mapping)[name as string], rest);
}
