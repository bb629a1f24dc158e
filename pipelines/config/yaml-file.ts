import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { firstLine, UserError } from '../../src/data/errors.js';
import { unreadable } from '../../src/io/file.js';

/** Names and values, as YAML has them. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Reads a YAML file whose content is "name: value"; an empty one has no names. @throws UserError for a file that is missing, or something else */
export async function readYamlFile(file: string): Promise<Mapping> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw await unreadable(file, error);
  }
  const values = parseYaml(text, file) ?? {};
  if (!isMapping(values)) throw new UserError(`${file}: a config file holds options as "name: value"`);
  return values;
}

/** @param where names the text, for messages */
export function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${where}: not YAML: ${firstLine(error).replace(/:$/, '')}`);
  }
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
