import type { Documents } from '../../data/id-table.js';
import type { Qrels } from './qrels.js';
import type { Run } from './run.js';

/** The documents of a run, and behind them those that are judged and not in the run. */
export interface JointDocuments extends Documents {
  readonly size: number;
  /** For each document row of the qrels its row here. */
  readonly ofQrels: Int32Array;
}

export function jointDocuments(run: Run, qrels: Qrels): JointDocuments {
  const ofQrels = new Int32Array(qrels.documents.size);
  const beyond: number[] = [];
  const { size } = run.documents;
  for (let row = 0; row < ofQrels.length; row++) {
    const found = run.documents.find(qrels.documents.bytes(row));
    ofQrels[row] = found >= 0 ? found : size + beyond.push(row) - 1;
  }
  return {
    size: size + beyond.length,
    ofQrels,
    id: (row) => (row < size ? run.documents.id(row) : qrels.documents.id(beyond[row - size])),
  };
}
