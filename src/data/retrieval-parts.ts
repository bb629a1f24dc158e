import type { Vector } from 'apache-arrow';
import type { Columns } from './columns.js';
import type { EmbeddingBatch } from './embedding-batch.js';
import type { Lists } from './lists.js';
import type { Distance } from './matrix.js';

/** What holds for all queries of a retrieval; saved in the schema metadata. */
export interface RetrievalInfo {
  /** Number of gallery items that were searched. */
  readonly gallerySize?: number;
  /** `score`: the distances are negated scores of a run. */
  readonly distance?: Distance | 'score';
  /** Fingerprint of the gallery's vectors. */
  readonly fingerprint?: string;
  /** Items asked for per query. */
  readonly k?: number;
  /** Device that searched. */
  readonly device?: string;
}

/** The parts of a RetrievalResults; all lists are aligned with `rows`. */
export interface RetrievalParts {
  readonly info: RetrievalInfo;
  /** Row of each query in the query set. */
  readonly rows: Uint32Array;
  /** Retrieved gallery rows: list i, of query i, is `ids[offsets[i]] ... ids[offsets[i + 1] - 1]`. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  /** Distances, aligned with `ids`, non-decreasing in each list. */
  readonly distances: Float32Array;
  /** Number of relevant gallery items of each query, where relevance is known. */
  readonly numRelevant?: Uint32Array;
  /** Gains aligned with `ids`, where relevance is known; NaN is unjudged. */
  readonly gains?: Float32Array;
  /** Explicit judgements, where they were kept: the relevant gallery rows of each query... */
  readonly relevant?: Lists<Int32Array>;
  /** ...and their gains (1 when absent). */
  readonly relevantGains?: Float32Array;
  /** Identifiers of the queries. */
  readonly queryIds?: Vector;
  /** Other columns of the queries (category, path, ...). */
  readonly columns: Columns;
  /** The queries themselves, while in memory; never saved. */
  readonly queries?: EmbeddingBatch;
}
