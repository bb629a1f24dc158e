import { basename } from 'node:path';
import { dataFolder } from './data.js';

/** Tables of items on disk, with their files. */
export interface ItemSet {
  readonly kind: 'png' | 'svg' | 'jpeg' | 'text';
  /** Unlike items; a table of more rows has them again. */
  readonly distinct: number;
  /** Rows of each table, `items-ROWS.csv`. */
  readonly sizes: readonly number[];
  /** A model of texts that was given: an ONNX file, with tokenizer.json beside it. */
  readonly textModel?: string;
}

/** What is embedded by which model. */
export interface InferenceCase {
  readonly what: string;
  readonly kind: ItemSet['kind'];
  /** Of the zoo; otherwise the one that is made with the items. */
  readonly model?: string;
  readonly distinct: number;
  readonly items: number;
  /** Ten times as many items, for the peak of memory; none where what is to be seen is the speed alone. */
  readonly many?: number;
}

const drawings = { model: 'icon-embedder', distinct: 2000, items: 5000 };

export const INFERENCE_CASES = {
  icons: { ...drawings, what: 'PNG of 64 x 64, icon-embedder', kind: 'png', many: 50_000 },
  drawings: { ...drawings, what: 'SVG drawn at 64 x 64, icon-embedder', kind: 'svg' },
  photos: { what: "JPEG of 500 x 375, ResNet-50's layers at 224 x 224", kind: 'jpeg', distinct: 200, items: 640 },
  texts: { what: 'texts of 4 to 24 words', kind: 'text', distinct: 5000, items: 5000, many: 50_000 },
} satisfies Record<string, InferenceCase>;

export type InferenceCaseName = keyof typeof INFERENCE_CASES;

/** What every contestant is given. */
export interface InferenceArgument {
  readonly folder: string;
  /** The table. */
  readonly items: string;
  readonly model: string;
  readonly threads: number;
}

/** Makes what a case needs unless it is there. @returns its folder, and how many rows its tables have */
export async function ensureItems(
  { kind, distinct, items, many }: InferenceCase,
  scale: number,
  textModel: string | undefined,
): Promise<{ folder: string; sizes: readonly number[] }> {
  const scaled = (count: number) => Math.ceil(count * scale);
  const sizes = [items, ...(many === undefined ? [] : [many])].map(scaled);
  const set: ItemSet = { kind, distinct: scaled(distinct), sizes, ...(kind === 'text' && { textModel }) };
  const name = ['items', kind, set.distinct, 'of', ...sizes, ...(set.textModel ? [basename(set.textModel)] : [])].join('-');
  return { folder: await dataFolder(name, 'make-items', set), sizes };
}
