import { z } from 'zod';
import { UserError } from '../data/errors.js';
import { ExactSum } from './exact-sum.js';
import { naturalOrder } from './natural-order.js';

/** Queries that are averaged together, and the sum of each metric over them. */
export interface Group {
  queries: number;
  readonly sums: readonly ExactSum[];
}

/** What an evaluation keeps of the queries seen: its size depends on the number of categories, not on the number of queries. */
export interface EvaluationState {
  readonly total: Group;
  /** For each column the groups of its values. */
  readonly by: readonly Map<string, Group>[];
  /** Queries without a relevant item in the gallery that retrieved some. */
  irrelevant: number;
  /** Queries with neither a relevant nor a retrieved item. */
  void: number;
}

function newGroup(metrics: number): Group {
  return { queries: 0, sums: Array.from({ length: metrics }, () => new ExactSum()) };
}

export function newState(metrics: number, columns: number): EvaluationState {
  return { total: newGroup(metrics), by: Array.from({ length: columns }, () => new Map<string, Group>()), irrelevant: 0, void: 0 };
}

/** Takes `other` into `into`; `other` is left as it was, and nothing is shared with it. */
export function mergeStates(into: EvaluationState, other: EvaluationState): void {
  mergeGroups(into.total, other.total);
  other.by.forEach((groups, column) => {
    for (const [value, group] of groups) mergeGroups(groupOf(into.by[column], value, group.sums.length), group);
  });
  into.irrelevant += other.irrelevant;
  into.void += other.void;
}

/** The group of a value, made when it is the first of its kind. */
export function groupOf(groups: Map<string, Group>, value: string, metrics: number): Group {
  let group = groups.get(value);
  if (group === undefined) {
    group = newGroup(metrics);
    groups.set(value, group);
  }
  return group;
}

/** Groups in natural order of their values, whatever order they were met in. */
export function sortedGroups(groups: ReadonlyMap<string, Group>): [string, Group][] {
  return [...groups].sort(([a], [b]) => naturalOrder(a, b));
}

const count = z.int().min(0);
const savedGroup = z.strictObject({ queries: count, sums: z.array(z.string()) });
/** The name of the format of saved evaluations. */
export const EVALUATION_FORMAT = 'rankstream evaluation';

const schema = z.strictObject({
  format: z.literal(EVALUATION_FORMAT),
  version: z.literal(1),
  metrics: z.array(z.string()),
  by: z.array(z.string()),
  total: savedGroup,
  /** Column by column; pairs, because a value may be called `__proto__`. */
  groups: z.array(z.array(z.tuple([z.string(), savedGroup]))),
  irrelevant: count,
  void: count,
});

/** A state as JSON: states of the same queries are the same text, however they were batched and merged. */
export type SavedEvaluation = z.infer<typeof schema>;

/** What a state must be of, to be read back. */
export interface EvaluationShape {
  /** Names of the metrics, in order. */
  readonly metrics: readonly string[];
  readonly by: readonly string[];
}

/** @param shape the metrics and columns that the state is of */
export function saveState(state: EvaluationState, shape: EvaluationShape): SavedEvaluation {
  const save = ({ queries, sums }: Group) => ({ queries, sums: sums.map((sum) => sum.toJSON()) });
  return {
    format: EVALUATION_FORMAT,
    version: 1,
    metrics: [...shape.metrics],
    by: [...shape.by],
    total: save(state.total),
    groups: state.by.map((groups) => sortedGroups(groups).map(([value, group]) => [value, save(group)])),
    irrelevant: state.irrelevant,
    void: state.void,
  };
}

/** Reads what `saveState` wrote. @throws UserError when it is something else, of another version, or of other metrics or columns */
export function loadState(json: unknown, shape: EvaluationShape): EvaluationState {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`this is no saved evaluation that this version can read: ${issue.path.join('.') || 'document'}: ${issue.message}`);
  }
  const saved = parsed.data;
  mustMatch('metrics', saved.metrics, shape.metrics);
  mustMatch('columns', saved.by, shape.by);
  const load = ({ queries, sums }: z.infer<typeof savedGroup>): Group => {
    if (sums.length !== shape.metrics.length)
      throw new UserError(`the saved evaluation has ${sums.length} sums for ${shape.metrics.length} metrics`);
    return { queries, sums: sums.map((sum) => ExactSum.fromJSON(sum)) };
  };
  if (saved.groups.length !== shape.by.length) {
    throw new UserError(`the saved evaluation has groups of ${saved.groups.length} columns, but names ${shape.by.length}`);
  }
  return {
    total: load(saved.total),
    by: saved.groups.map((groups) => new Map(groups.map(([value, group]) => [value, load(group)]))),
    irrelevant: saved.irrelevant,
    void: saved.void,
  };
}

function mustMatch(what: string, saved: readonly string[], wanted: readonly string[]): void {
  if (saved.length !== wanted.length || saved.some((name, i) => name !== wanted[i])) {
    throw new UserError(`the saved evaluation is of the ${what} [${saved.join(', ')}], not of [${wanted.join(', ')}]`);
  }
}

function mergeGroups(into: Group, other: Group): void {
  into.queries += other.queries;
  other.sums.forEach((sum, m) => {
    into.sums[m].merge(sum);
  });
}
