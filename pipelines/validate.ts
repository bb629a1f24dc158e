import { mkdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../src/data/errors.js';
import { unreadable } from '../src/io/file.js';
import type { Results } from '../src/report/results.js';
import { asOptions, optionShape, strict } from './config/schema.js';
import { EVALUATE_OPTIONS, runEvaluate } from './evaluate.js';
import { camel, type OptionName, type Options, optionOf } from './options.js';
import type { RunContext } from './run-context.js';

const ELSEWHERE: readonly OptionName[] = ['json', 'config', 'out'];
/** What a set can say for itself. */
const SET = optionShape(EVALUATE_OPTIONS.filter((name) => !ELSEWHERE.includes(name)));

/** The names of a config of `pipeline: validate`: the options of `rankstream evaluate` for all sets, and again for each of several. */
export const VALIDATE = {
  ...SET,
  out: z.string('must be a folder').optional(),
  sets: z
    .record(z.string().regex(/^(?!\.+$)[^/\\]+$/), strict(SET), {
      error: ({ code }) => (code === 'invalid_key' ? 'is no name of a set, which becomes a folder' : 'must be sets by their names'),
    })
    .optional(),
};

/** A config of `pipeline: validate`, checked. */
export type ValidateConfig = z.output<z.ZodObject<typeof VALIDATE>>;

/** Options that name files which are written. */
const WRITTEN = ['results', 'per-query', 'save-state', 'report'] as const satisfies readonly OptionName[];

/** One set, or several by their names. */
export type Validation = { readonly results: Results } | { readonly sets: Readonly<Record<string, Results>> };

/**
 * The pipeline `validate`: `runEvaluate` for one set or for each of several, with options that all share and options of their own. With a folder `out`
 * each set writes `metrics.json` and what else it names there; several have a folder each in it.
 * @throws UserError as `runEvaluate`, naming the set; files that are not there are found out before the first
 */
export async function runValidate({ sets, out, ...shared }: ValidateConfig, context: RunContext = {}): Promise<Validation> {
  const named = sets && Object.entries(sets);
  if (named?.length === 0) throw new UserError('"sets" names no set');
  const places = (named ?? [['', {}] as const]).map(([name, own]) => ({ name, options: asOptions(shared, own) }));
  if (out === undefined && named) {
    const lost = WRITTEN.find((option) => places.some(({ options }) => optionOf(options, option) !== undefined));
    if (lost) throw new UserError(`several sets would write one "${lost}": give "out", a folder, in which each set has its own`);
  }
  for (const { options } of places) await refuseMissing(options);
  const results: Record<string, Results> = {};
  for (const { name, options } of places) {
    try {
      results[name] = await runEvaluate(out === undefined ? options : await inFolder(join(out, name), options), context);
    } catch (error) {
      throw named && error instanceof UserError ? new UserError(`set "${name}": ${error.message}`) : error;
    }
  }
  return named ? { sets: results } : { results: results[''] };
}

/** A mistake in the last set should not wait for the first. */
async function refuseMissing({ items, queries, gallery, qrels }: Options): Promise<void> {
  for (const file of [items, queries, gallery, qrels]) {
    if (file === undefined || file === '-') continue;
    await stat(file).catch(async (error) => {
      throw await unreadable(file, error);
    });
  }
}

async function inFolder(folder: string, options: Options): Promise<Options> {
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${folder}: cannot make this folder (${error.code})`);
  });
  const files = WRITTEN.flatMap((name) => {
    const file = optionOf(options, name);
    return file === undefined || file === '-' || isAbsolute(file) ? [] : [[camel(name), join(folder, file)] as const];
  });
  return { ...options, ...Object.fromEntries(files), out: join(folder, 'metrics.json') };
}
