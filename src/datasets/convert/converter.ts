import type { FileReading } from '../check-files.js';
import type { Box } from '../image/boxes.js';

/** A row of the table that a converter makes. */
export interface ConvertedItem {
  readonly label: number | string;
  /** Relative to the folder that was converted, with `/`. */
  readonly path: string;
  readonly split: 'train' | 'validation';
  /** Absent in train. */
  readonly isQuery?: boolean;
  readonly isGallery?: boolean;
  readonly category?: string;
  readonly box?: Box;
}

/** What a data set became. */
export interface Converted {
  readonly items: readonly ConvertedItem[];
  /** What was left out, and why. */
  readonly remarks: readonly string[];
}

export interface ConvertOptions extends FileReading {
  /** Whether boxes are wanted where the set has them (default: true). Their pictures must be there. */
  readonly boxes?: boolean;
  /** CUB and Cars: the set's own split into pictures to train and to test with, in place of that by classes. */
  readonly officialSplit?: boolean;
}

/** @throws UserError naming the file that is missing, or file and line of what is not as published */
export type Converter = (folder: string, options?: ConvertOptions) => Promise<Converted>;

/** An item of the split it belongs to: in validation it is a query, and in the gallery. */
export function bothWays(validation: boolean, item: Pick<ConvertedItem, 'label' | 'path' | 'category' | 'box'>): ConvertedItem {
  return validation ? { ...item, split: 'validation', isQuery: true, isGallery: true } : { ...item, split: 'train' };
}
