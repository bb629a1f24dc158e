import { dataFolder } from './data.js';

/** A run and qrels on disk. */
export interface TrecSet {
  readonly queries: number;
  /** Documents retrieved for each query. */
  readonly depth: number;
  /** Relevant documents of each query, of which two are among those retrieved. */
  readonly relevant: number;
  /** Size of the collection whose documents are retrieved. */
  readonly documents: number;
  readonly seed: number;
}

/** 6 million lines, with as many documents as MS MARCO's passages. */
export const TREC: TrecSet = { queries: 60_000, depth: 100, relevant: 6, documents: 8_841_823, seed: 5 };

/** Makes the files unless they are there. @returns their folder: run.txt and qrels.txt */
export function ensureTrecData(set: TrecSet): Promise<string> {
  return dataFolder(`trec-${set.queries}x${set.depth}-${set.relevant}of${set.documents}-seed${set.seed}`, 'make-trec', set);
}
