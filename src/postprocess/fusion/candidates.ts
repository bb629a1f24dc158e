import type { RetrievalResults } from '../../data/retrieval-results.js';
import { RowMap } from '../../data/row-map.js';

/**
 * What several retrievals say of one query: every item that one of them retrieved, in order of first appearance, with its rank and score in each.
 * The arrays are used again for the next query.
 */
export interface Candidates {
  readonly runs: number;
  /** Number of items. */
  size: number;
  /** Gallery rows, `size` of them. */
  ids: Int32Array;
  /** For each run the number of items it retrieved. */
  readonly counts: Int32Array;
  /** Rank (from 0) of item i in run r at [r * capacity + i]; -1 where r did not retrieve it. */
  ranks: Int32Array;
  /** Its score there, higher is better; meaningless where the rank is -1. */
  scores: Float64Array;
  /** Distance between the rows of `ranks` and of `scores`. */
  capacity: number;
}

/** Collects the candidates of one query after another. */
export class CandidateReader {
  readonly #parts: readonly RetrievalResults[];
  readonly #candidates: Candidates;
  /** For each gallery row its place among the candidates. */
  readonly #places = new RowMap();
  /** Where each candidate stands in the results it was first found in: run and position. */
  #origins = new Int32Array(0);

  /** @param parts results of the same queries, position by position */
  constructor(parts: readonly RetrievalResults[]) {
    this.#parts = parts;
    const runs = parts.length;
    this.#candidates = {
      runs,
      size: 0,
      ids: new Int32Array(0),
      counts: new Int32Array(runs),
      ranks: new Int32Array(0),
      scores: new Float64Array(0),
      capacity: 0,
    };
  }

  /** The candidates of query q: a view that the next call changes. */
  read(q: number): Candidates {
    const candidates = this.#candidates;
    const parts = this.#parts;
    let most = 0;
    for (const { offsets } of parts) most += offsets[q + 1] - offsets[q];
    if (most > candidates.capacity) this.#grow(most);
    const { ids, ranks, scores, counts, capacity } = candidates;
    const places = this.#places;
    const origins = this.#origins;
    places.clear(most);
    let size = 0;
    for (let r = 0; r < parts.length; r++) {
      const { offsets, ids: retrieved, distances } = parts[r];
      const start = offsets[q];
      counts[r] = offsets[q + 1] - start;
      ranks.fill(-1, r * capacity, r * capacity + most);
      for (let i = start; i < offsets[q + 1]; i++) {
        let place = places.put(retrieved[i], size);
        if (place < 0) {
          place = size++;
          origins[2 * place] = r;
          origins[2 * place + 1] = i;
          ids[place] = retrieved[i];
        }
        const at = r * capacity + place;
        ranks[at] = i - start;
        scores[at] = -distances[i];
      }
    }
    candidates.size = size;
    return candidates;
  }

  /** The gain of candidate i, from the results that it was found in. */
  gain(i: number): number {
    return (this.#parts[this.#origins[2 * i]].gains as Float32Array)[this.#origins[2 * i + 1]];
  }

  #grow(capacity: number): void {
    const candidates = this.#candidates;
    candidates.capacity = capacity;
    candidates.ids = new Int32Array(capacity);
    candidates.ranks = new Int32Array(capacity * candidates.runs);
    candidates.scores = new Float64Array(capacity * candidates.runs);
    this.#origins = new Int32Array(2 * capacity);
  }
}
