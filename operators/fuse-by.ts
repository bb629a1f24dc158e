import { defer } from 'rxjs';
import { textOf } from '../src/data/columns.js';
import { didYouMean, UserError } from '../src/data/errors.js';
import { RetrievalResults } from '../src/data/retrieval-results.js';
import type { Metric } from '../src/metrics/metric.js';
import { type FusionOptions, fuseResults } from '../src/postprocess/fusion/fuse.js';
import type { Fuse } from '../src/postprocess/fusion/methods.js';
import { openRetrievalSpool } from './spool.js';
import { named, stage, type TwoPass } from './stage.js';

/**
 * RR -> RR with one query for each value of a query column: several queries of one intent (pictures of one product, wordings of one question) become
 * one, by fusion of their results. It takes the row, the id and the columns of its first query, and stands where its last one stood; a batch may
 * come out empty. Queries without a value (null) stay as they are. Two passes: the first finds where each group ends, so that the second holds
 * only the groups that are open.
 * @param column query column whose equal values belong together
 * @throws UserError in the stream: an unknown column; queries of one group that were judged unlike each other
 */
export function fuseBy(column: string, method: Fuse, options: FusionOptions = {}): TwoPass<RetrievalResults, RetrievalResults, Sizes> {
  return {
    stageName: `fuseBy ${column}`,
    fit: groupSizes(column),
    openSpool: openRetrievalSpool,
    apply: (sizes) =>
      named(`fuseBy ${column}`, (batches) =>
        defer(() => {
          const open = new Map<string, RetrievalResults[]>();
          return batches.pipe(stage(`fuseBy ${column}`, (rr: RetrievalResults) => fuseBatch(rr, column, sizes, open, method, options)));
        }),
      ),
  };
}

/** How many queries each group has. */
type Sizes = ReadonlyMap<string, number>;

function groupSizes(column: string): Metric<Map<string, number>, Sizes> {
  const add = (state: Map<string, number>, group: string, count: number) => state.set(group, (state.get(group) ?? 0) + count);
  return {
    name: `groups of ${column}`,
    init: () => new Map(),
    update(state, rr) {
      for (const group of groupsOf(rr, column)) if (group !== undefined) add(state, group, 1);
    },
    merge(into, other) {
      for (const [group, count] of other) add(into, group, count);
    },
    value: (state) => state,
  };
}

function fuseBatch(
  rr: RetrievalResults,
  column: string,
  sizes: Sizes,
  open: Map<string, RetrievalResults[]>,
  method: Fuse,
  options: FusionOptions,
): RetrievalResults {
  const done: RetrievalResults[] = [];
  groupsOf(rr, column).forEach((group, q) => {
    const query = rr.pick([q]);
    if (group === undefined) {
      done.push(fuseResults([query], method, options));
      return;
    }
    const members = open.get(group) ?? [];
    members.push(query);
    open.set(group, members);
    if (members.length < (sizes.get(group) as number)) return;
    open.delete(group);
    const [first] = members;
    const { rows, queryIds } = first;
    done.push(
      fuseResults(
        members.map((member) => RetrievalResults.trusted({ ...member, rows, queryIds })),
        method,
        options,
      ),
    );
  });
  return done.length > 0 ? RetrievalResults.concat(done) : fuseResults([rr.slice(0, 0)], method, options);
}

/** The group of each query; undefined for null. */
function groupsOf(rr: RetrievalResults, column: string): (string | undefined)[] {
  const values = rr.columns[column];
  if (!values) {
    const there = Object.keys(rr.columns);
    throw new UserError(`no query column "${column}" to fuse by (there are: ${there.join(', ')})${didYouMean(column, there)}`);
  }
  return Array.from({ length: rr.length }, (_, q) => {
    const value = values.get(q);
    return value === null ? undefined : textOf(value);
  });
}
