import { didYouMean, UserError } from '../src/data/errors.js';
import { type Mapping, readYamlFile } from './config/yaml-file.js';
import { camel, OPTIONS, type OptionName, type Options } from './options.js';

/**
 * Checks options that came as flags, from a config file, or both.
 * @param flags by their names (kebab case); `config` names a YAML file whose options hold where no flag is given
 * @param allowed the options of the command
 * @throws UserError naming the option and what it must be
 */
export async function checkOptions(flags: Readonly<Record<string, unknown>>, allowed: readonly OptionName[]): Promise<Options> {
  const file = typeof flags.config === 'string' ? flags.config : undefined;
  const fromFile = file === undefined ? {} : await readConfig(file, allowed);
  const checked: Record<string, unknown> = {};
  for (const name of allowed) {
    const inFlags = flags[name] !== undefined;
    const value = inFlags ? flags[name] : fromFile[name];
    if (value === undefined || value === null) continue;
    const { data, error } = OPTIONS[name].type.safeParse(value);
    if (error) {
      const where = inFlags ? `--${name}` : `${file}, "${name}"`;
      throw new UserError(`${where}: ${error.issues[0].message}, not ${JSON.stringify(value)}`);
    }
    checked[camel(name)] = data;
  }
  return checked as Options;
}

/** Relative paths in a config file are relative to where the command runs, as those of flags. */
async function readConfig(file: string, allowed: readonly OptionName[]): Promise<Mapping> {
  const config = await readYamlFile(file);
  for (const name of Object.keys(config)) {
    if (!allowed.includes(name as OptionName)) throw new UserError(`${file}: unknown option "${name}"${didYouMean(name, allowed)}`);
  }
  return config;
}
