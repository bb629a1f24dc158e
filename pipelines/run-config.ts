import { stringify } from 'yaml';
import { z } from 'zod';
import { didYouMean, UserError } from '../src/data/errors.js';
import { type LoadedConfig, loadConfig } from './config/load.js';
import { importModules } from './config/modules.js';
import { checkConfig, strict } from './config/schema.js';
import type { OptionName, Options } from './options.js';
import { registryText } from './registry-text.js';
import type { RunContext } from './run-context.js';
import { runValidate, VALIDATE, type Validation } from './validate.js';

/** The options of `rankstream run`, under the names of the flags. */
export const RUN_OPTIONS = ['inputs', 'print', 'registry', 'json'] as const satisfies readonly OptionName[];

/** What came of a config, by its pipeline. */
export type ConfigOutcome = { readonly pipeline: 'validate' } & Validation;

interface Pipeline {
  readonly about: string;
  /** Checks a config; what comes back does the work. @throws UserError for a config that is wrong */
  prepare(config: LoadedConfig): (context: RunContext) => Promise<ConfigOutcome>;
}

/** Names that every config has. */
const COMMON = { pipeline: z.string(), modules: z.array(z.string(), 'must be a list of modules') };

/** The pipelines of configs: a table of contents. */
const PIPELINES: Readonly<Record<string, Pipeline>> = {
  validate: {
    about: 'search, post-process and measure, one set of items or several (the options of rankstream evaluate; sets, out)',
    prepare(config) {
      const { pipeline: _, modules: __, ...options } = checkConfig(strict({ ...COMMON, ...VALIDATE }), config);
      return async (context) => ({ pipeline: 'validate', ...(await runValidate(options, context)) });
    },
  },
};

/**
 * Runs the pipeline of a config file.
 * @param overrides dotted: `k=50`, `model.device=webgpu`
 * @throws UserError for every mistake in the config, before the work, and what the pipeline says
 * @example await runConfig('validate.yaml', ['metrics=[cmc@1]']);
 */
export async function runConfig(file: string, overrides: readonly string[] = [], context: RunContext = {}): Promise<ConfigOutcome> {
  const config = await loadConfig(file, overrides);
  const work = pipelineOf(config).prepare(config);
  await importModules(modulesOf(config));
  return work(context);
}

/** `rankstream run`: runs a config, or tells what it is (`print`) or could be (`registry`). @returns the outcome, or a text */
export async function runConfigCommand({ inputs = [], print, registry }: Options, context: RunContext): Promise<ConfigOutcome | string> {
  const [file, ...overrides] = inputs;
  if (registry) {
    if (file !== undefined) await importModules(modulesOf(await loadConfig(file, overrides)));
    return registryText(PIPELINES);
  }
  if (file === undefined) throw new UserError('give a config file, or --registry, which shows what can stand in it');
  if (!print) return runConfig(file, overrides, context);
  const config = await loadConfig(file, overrides);
  pipelineOf(config).prepare(config);
  return stringify(config.values).trimEnd();
}

function pipelineOf({ values, where }: LoadedConfig): Pipeline {
  const name = values.pipeline;
  const known = Object.keys(PIPELINES);
  if (typeof name === 'string' && Object.hasOwn(PIPELINES, name)) return PIPELINES[name];
  const given = name === undefined ? 'no "pipeline" is named' : `unknown pipeline ${JSON.stringify(name)}`;
  throw new UserError(`${where(['pipeline'])}: ${given} (there are: ${known.join(', ')})${didYouMean(String(name), known)}`);
}

function modulesOf(config: LoadedConfig): readonly string[] {
  return checkConfig(z.object(COMMON).partial(), config).modules ?? [];
}
