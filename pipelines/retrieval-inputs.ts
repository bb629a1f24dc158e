import { UserError } from '../src/data/errors.js';
import { infoDifference } from '../src/data/retrieval-info.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import { refuseTwice } from './files.js';

/**
 * Saved results of several files, one after the other, as if they were one file: parts of one retrieval.
 * @throws UserError when a file is named twice; iterating throws one that names the first file whose queries were searched in another gallery, with
 * another distance or k, or have other columns than those before, and what `readRetrieval` does
 */
export function readParts(paths: readonly string[]): AsyncIterable<RetrievalResults> {
  refuseTwice(paths);
  return {
    async *[Symbol.asyncIterator]() {
      let first: { path: string; rr: RetrievalResults } | undefined;
      for (const path of paths) {
        for await (const rr of readRetrieval(path)) {
          // A part without queries may not know its gallery: it is passed on, but fits to everything.
          if (rr.length > 0) {
            first ??= { path, rr };
            const difference = infoDifference(rr.info, first.rr.info) ?? columnsDifference(rr, first.rr);
            if (difference) throw new UserError(`${path}: ${difference}, as in ${first.path}`);
          }
          yield rr;
        }
      }
    },
  };
}

function columnsDifference(rr: RetrievalResults, before: RetrievalResults): string | undefined {
  const [columns, others] = [columnsOf(rr), columnsOf(before)];
  return columns === others ? undefined : `columns ${columns} instead of ${others}`;
}

function columnsOf({ numRelevant, gains, queryIds, columns }: RetrievalResults): string {
  const own = Object.entries({ query_id: queryIds, num_relevant: numRelevant, retrieved_gain: gains });
  return [...own.flatMap(([name, there]) => (there === undefined ? [] : [name])), ...Object.keys(columns)].join(', ') || '(none)';
}
