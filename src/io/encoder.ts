import type { RecordBatch } from 'apache-arrow';

/** Turns batches of one schema into the bytes of a format. */
export interface Encoder {
  write(batch: RecordBatch): Promise<void>;
  /** Writes the end of the format; the sink stays open. */
  finish(): Promise<void>;
  /** Frees what it holds without writing more. */
  abandon(): Promise<void>;
}
