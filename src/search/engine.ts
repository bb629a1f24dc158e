/** A block of queries on its way through an engine. */
export interface Block {
  /** Row-major float32 [rows x dim]. */
  readonly queries: Float32Array;
  readonly rows: number;
  /** At most the size of the gallery. */
  readonly k: number;
  /** Position of the first query in the caller's batch, for messages. */
  readonly firstQuery: number;
  readonly self?: Int32Array;
  readonly sequence?: Int32Array;
  /** For each query how many gallery rows it ignores, at most. */
  readonly ignored: Int32Array;
}

/** The results of a block. The arrays are used again for the next one. */
export interface Found {
  /** Results of each query. */
  readonly counts: Int32Array;
  /** Gallery rows and distances of query q from position q * k on. */
  readonly ids: Int32Array;
  readonly distances: Float32Array;
  /** Queries that needed more than the fast pass and one look at its candidates. */
  readonly retried: number;
}

/** What finds the first k of a block: a fast pass, canonical re-scoring, and the proof. */
export interface Engine {
  /** Where the fast pass runs. */
  readonly device: string;
  /** Arithmetic of the fast pass. */
  readonly fastPass?: 'int8' | 'float32';
  /** Queries of a block that suit it. */
  readonly blockRows: number;
  /** Blocks that are worked on at one time. */
  readonly lanes: number;
  /** Calls may overlap. @param take copies the results out before their memory is used again */
  search(block: Block, take: (found: Found) => void): Promise<void>;
  close(): Promise<void>;
}
