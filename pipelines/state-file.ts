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
import { type MeasuredStep, withChanges } from './step-effects.js';

const FORMAT = 'rankstream states';
const VERSION = 1;

const states = z.array(z.looseObject({ format: z.string(), version: z.number() }));
const step = z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()).optional() });
const count = z.int().min(0);
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
  transform: z.array(step).optional(),
  postprocess: z.array(step.extend({ results: z.strictObject({ before: count, after: count }) })),
  states: states.min(1),
  baseline: states,
  between: states,
});

/** What a process has measured of its part of the queries, to be merged with what others have. */
export interface StateFile {
  readonly retrieval: RetrievalInfo;
  /** Of the embeddings before the search. */
  readonly transform?: readonly PostprocessStep[];
  readonly postprocess: readonly MeasuredStep[];
  /** The accumulators of the results: any number of them, each with its name, version and parameters. */
  readonly states: readonly SavedState[];
  /** The same before the first post-processor; empty without one. */
  readonly baseline: readonly SavedState[];
  /** One behind each post-processor but the last. */
  readonly between: readonly SavedState[];
}

/** Writes a state file: JSON in one line, the same bytes for the same queries however they were batched, ordered and merged. */
export async function writeStateFile(path: string, state: StateFile): Promise<void> {
  const { retrieval, transform, postprocess, states, baseline, between } = state;
  const { gallerySize, distance, fingerprint, k, device } = retrieval;
  const file = {
    format: FORMAT,
    version: VERSION,
    retrieval: { gallerySize, distance, fingerprint, k, device },
    transform,
    postprocess: postprocess.map(({ name, params, results }) => ({ name, params, results })),
    states,
    baseline,
    between,
  };
  await writeText(path, `${JSON.stringify(file)}\n`);
}

/** Writes what a command has measured. */
export function saveOutcome(path: string, outcome: Outcome, transforms: readonly PostprocessStep[] = []): Promise<void> {
  const { info: retrieval, states, baselineStates: baseline, stepStates: between } = outcome;
  const transform = transforms.length > 0 ? transforms.map(({ name, params }) => ({ name, params })) : undefined;
  return writeStateFile(path, { retrieval, transform, postprocess: outcome.steps, states, baseline, between });
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
  const merge = (part: (file: StateFile) => readonly SavedState[]) =>
    mergeSavedStates(files.map((file) => ({ source: file.source, states: part(file) })));
  const { states, value } = merge((file) => file.states);
  const baseline = files.some((file) => file.baseline.length > 0) ? merge((file) => file.baseline) : undefined;
  const between = first.between.map((_, i) => merge((file) => file.between.slice(i, i + 1)));
  // Beside the evaluation of the queries stand the states of pairs, which are not measured behind each step.
  const ends = baseline ? [merge((file) => file.baseline.slice(0, 1)), ...between, merge((file) => file.states.slice(0, 1))] : [];
  const steps = first.postprocess.map(({ name, params }, i) => {
    const counts = files.map((file) => file.postprocess[i].results);
    const sum = (side: 'before' | 'after') => counts.reduce((total, count) => total + count[side], 0);
    return { name, params, results: { before: sum('before'), after: sum('after') } };
  });
  return {
    retrieval,
    transform: first.transform,
    postprocess: withChanges(
      steps,
      ends.map((one) => one.value),
    ),
    states,
    value,
    baseline: baseline?.states ?? [],
    baselineValue: baseline?.value,
    between: between.flatMap((one) => one.states),
  };
}

function stepsDifference(
  what: string,
  steps: readonly PostprocessStep[] = [],
  before: readonly PostprocessStep[] = [],
): string | undefined {
  const [now, then] = [steps, before].map((chain) => JSON.stringify(chain.map(({ name, params = {} }) => [name, params])));
  return now === then ? undefined : `${what} by ${now} instead of ${then}`;
}
