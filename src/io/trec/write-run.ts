import { UserError } from '../../data/errors.js';
import type { Documents } from '../../data/id-table.js';
import type { RetrievalResults } from '../../data/retrieval-results.js';
import { assertTrecId, writeLines } from './line-writer.js';

export interface WriteRunOptions {
  /** Ids of the gallery rows: `documents` of the run's results, or anything else that knows them. */
  readonly documents: Documents;
  /** The run's name, in the last column. */
  readonly runId: string;
}

/** What was written. */
export interface WrittenRun {
  readonly queries: number;
  readonly lines: number;
  /** What a reader of the file would see otherwise than it was. */
  readonly warnings: readonly string[];
}

/** @throws UserError for a name that says another format: readers would go by it */
export function assertRunName(path: string): void {
  if (!/\.(jsonl?|[ct]sv)(\.gz)?$/i.test(path)) return;
  throw new UserError(`${path}: runs are written in the TREC format; give a name that ends with .run, .trec or .txt (or .gz behind it)`);
}

/**
 * Writes results as a TREC run (`query Q0 document rank score run`): ranks from 1, scores are the negated distances in the shortest decimal that
 * float32 reads back to the bit. A query is called by its id, or by its row where results have no ids. Gzip where the name ends with `.gz`.
 * @throws UserError for ids that the format cannot hold, a name that says another format, and a file that cannot be written
 */
export async function writeRun(path: string, results: AsyncIterable<RetrievalResults>, options: WriteRunOptions): Promise<WrittenRun> {
  const { documents, runId } = options;
  assertRunName(path);
  assertTrecId(runId, 'run name', path);
  let queries = 0;
  let lines = 0;
  let reordered = 0;
  let empty = 0;
  await writeLines(path, async (writer) => {
    for await (const rr of results) {
      for (let q = 0; q < rr.length; q++) {
        const query = String(rr.queryIds?.get(q) ?? rr.rows[q]);
        assertTrecId(query, 'query id', path);
        const names = Array.from(rr.retrievedIds(q), (row) => documents.id(row));
        const distances = rr.distancesOf(q);
        queries++;
        if (names.length === 0) empty++;
        if (names.some((name, i) => i > 0 && distances[i] === distances[i - 1] && isBefore(names[i - 1], name))) reordered++;
        lines += names.length;
        for (const [i, name] of names.entries()) {
          assertTrecId(name, 'document id', path);
          await writer.write(`${query} Q0 ${name} ${i + 1} ${shortest(0 - distances[i])} ${runId}\n`);
        }
      }
    }
  });
  return { queries, lines, warnings: warningsOf(path, reordered, empty) };
}

function warningsOf(path: string, reordered: number, empty: number): string[] {
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? `query ${one}` : `queries ${many}`}`;
  const warnings: string[] = [];
  if (reordered > 0) {
    const who = count(reordered, 'has equal scores', 'have equal scores');
    warnings.push(`${path}: ${who} in an order that trec_eval does not keep: it sorts them by document id, descending`);
  }
  if (empty > 0) warnings.push(`${path}: ${count(empty, 'has', 'have')} nothing retrieved, and no line in the run`);
  return warnings;
}

/** Bytewise order of UTF-8. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

/** The shortest decimal that rounds to a float32; nine digits always do. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}
