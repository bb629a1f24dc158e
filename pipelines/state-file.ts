import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../src/data/errors.js';
import { DISTANCES } from '../src/data/matrix.js';
import { commonInfo, infoDifference } from '../src/data/retrieval-info.js';
import type { RetrievalInfo } from '../src/data/retrieval-results.js';
import type { EvaluationValue } from '../src/metrics/evaluation.js';
import type { SavedState } from '../src/metrics/savable.js';
import { mergeSavedStates } from '../src/metrics/saved-states.js';
import type { PostprocessStep } from '../src/report/results.js';
import type { Outcome } from './chain.js';
import { writeText } from './files.js';

const FORMAT = 'rankstream states';
const VERSION = 1;

const states = z.array(z.looseObject({ format: z.string(), version: z.number() }));
const steps = z.array(z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()).optional() }));
const schema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  retrieval: z.strictObject({
    gallerySize: z.int().min(0).optional(),
    distance: z.enum([...DISTANCES, 'score']).optional(),
    fingerprint: z.string().optional(),
    k: z.int().min(0).optional(),
    device: z.string().optional(),
  }),
  transform: steps.optional(),
  postprocess: steps,
  states: states.min(1),
  baseline: states,
});

/** What a process has measured of its part of the queries, to be merged with what others have. */
export interface StateFile {
  readonly retrieval: RetrievalInfo;
  /** Of the embeddings before the search. */
  readonly transform?: readonly PostprocessStep[];
  readonly postprocess: readonly PostprocessStep[];
  /** The accumulators of the results: any number of them, each with its name, version and parameters. */
  readonly states: readonly SavedState[];
  /** The same before the first post-processor; empty without one. */
  readonly baseline: readonly SavedState[];
}

/** Writes a state file: JSON in one line, the same bytes for the same queries however they were batched, ordered and merged. */
export async function writeStateFile(path: string, { retrieval, transform, postprocess, states, baseline }: StateFile): Promise<void> {
  const { gallerySize, distance, fingerprint, k, device } = retrieval;
  const file = {
    format: FORMAT,
    version: VERSION,
    retrieval: { gallerySize, distance, fingerprint, k, device },
    transform,
    postprocess,
    states,
    baseline,
  };
  await writeText(path, `${JSON.stringify(file)}\n`);
}

/** Writes what a command has measured. */
export function saveOutcome(
  path: string,
  outcome: Outcome,
  postprocessors: readonly PostprocessStep[],
  transforms: readonly PostprocessStep[] = [],
): Promise<void> {
  const { info: retrieval, states, baselineStates: baseline } = outcome;
  const asked = (steps: readonly PostprocessStep[]) => steps.map(({ name, params }) => ({ name, params }));
  const transform = transforms.length > 0 ? asked(transforms) : undefined;
  return writeStateFile(path, { retrieval, transform, postprocess: asked(postprocessors), states, baseline });
}

/** Reads what `writeStateFile` wrote. @throws UserError naming the file, when it is missing, something else, or of another version */
export async function readStateFile(path: string): Promise<StateFile> {
  const mistaken = (why: string) => new UserError(`${path}: no saved state as --save-state writes it (${why})`);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? mistaken('not JSON') : new UserError(`${path}: cannot read the saved state (${code})`);
  }
  const { format, version } = z.looseObject({ format: z.unknown(), version: z.unknown() }).safeParse(json).data ?? {};
  if (format !== FORMAT) throw mistaken(`it has no "format": "${FORMAT}"`);
  if (version !== VERSION)
    throw new UserError(`${path}: a saved state of version ${JSON.stringify(version)}; this version of rankstream reads ${VERSION}`);
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw mistaken(`${issue.path.join('.')}: ${issue.message}`);
  }
  return parsed.data;
}

/** Merged states with their values. */
export interface MergedStates extends StateFile {
  readonly value: EvaluationValue;
  readonly baselineValue?: EvaluationValue;
}

/**
 * Merges the states of several processes into what one process would have found on all of their queries.
 * @throws UserError naming the first file that does not match those before: other metrics or columns, another gallery, distance, k or chain of
 * post-processors
 */
export function mergeStateFiles(files: readonly (StateFile & { readonly source: string })[]): MergedStates {
  const [first] = files;
  let { retrieval } = first;
  for (const file of files) {
    const difference =
      infoDifference(file.retrieval, first.retrieval) ??
      stepsDifference('embeddings transformed', file.transform, first.transform) ??
      stepsDifference('post-processed', file.postprocess, first.postprocess);
    if (difference) throw new UserError(`${file.source}: ${difference}, as in ${first.source}`);
    retrieval = commonInfo(retrieval, file.retrieval);
  }
  const { transform, postprocess } = first;
  const { states, value } = mergeSavedStates(files);
  if (files.every(({ baseline }) => baseline.length === 0)) return { retrieval, transform, postprocess, states, value, baseline: [] };
  const before = mergeSavedStates(files.map(({ source, baseline }) => ({ source, states: baseline })));
  return { retrieval, transform, postprocess, states, value, baseline: before.states, baselineValue: before.value };
}

function stepsDifference(
  what: string,
  steps: readonly PostprocessStep[] = [],
  before: readonly PostprocessStep[] = [],
): string | undefined {
  const [now, then] = [steps, before].map((chain) => JSON.stringify(chain.map(({ name, params = {} }) => [name, params])));
  return now === then ? undefined : `${what} by ${now} instead of ${then}`;
}
