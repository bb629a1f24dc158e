import type { JsonObject } from '../data/json.js';
import type { Feeds } from '../models/feeds.js';

export type { Feeds };

/**
 * Items of one modality, as a model takes them. This is all that the rest of the system knows of pictures, texts and sounds: who adds a modality writes
 * one of these and a `Modality`.
 */
export interface Dataset<Item = unknown> {
  /** `image`, `text`, ... */
  readonly modality: string;
  /** Number of items: the rows of the table. */
  readonly size: number;
  /**
   * What decides how an item becomes the model's input, beside the item itself: two datasets with equal preparations make equal inputs of equal items.
   * It is part of the key under which embeddings are kept.
   */
  readonly preparation: JsonObject;
  /** Bytes of one item as the model takes it, where that is known before the first is loaded: large ones go into smaller batches. */
  readonly itemBytes?: number;
  /**
   * Decodes and transforms one item, off this thread where that takes long. Calls may overlap.
   * @throws UserError naming the table's row and the file, for an item that cannot be read
   */
  load(row: number): Promise<Item>;
  /** Items as one batch for the model, in their order. */
  collate(items: readonly Item[]): Feeds;
  /** SHA-256 (hexadecimal) of all that the item is made of: the bytes of its file, its box, its text. @throws UserError as `load` does */
  contentHash(row: number): Promise<string>;
  /** The item for a report: an HTML fragment without scripts (a picture with its box, a text, an audio player). */
  visualize(row: number): Promise<string>;
  /** Ends what decodes. */
  close?(): Promise<void>;
}
