import { Field, FixedSizeList, Float32, makeData } from 'apache-arrow';

/** Explains what is wrong with the value in row i of a batch. */
export type FailAt = (row: number, message: string) => Error;

/** Whether a text looks like a list of numbers in brackets, as pandas and numpy print them: `[0.1, 0.2]`, `[0.1 0.2]`. */
export function looksLikeList(text: string): boolean {
  return /^\s*\[.*\]\s*$/s.test(text) && (split(text) ?? []).every((token) => number(token) !== undefined);
}

/**
 * Lists of numbers from text: `[0.1, 0.2]`, `[0.1 0.2]`, `0.1 0.2` or `0.1;0.2`. An empty text is null.
 * @param width length that every list must have; by default that of the first
 * @throws what `fail` makes of a ragged list, of something that is no number, and of a number beyond float32
 */
export function parseLists(texts: readonly string[], width: number | undefined, fail: FailAt) {
  let size = width;
  let values: Float32Array | undefined;
  const valid = new Uint8Array(Math.ceil(texts.length / 64) * 8);
  let nulls = 0;
  for (let row = 0; row < texts.length; row++) {
    const tokens = split(texts[row]);
    if (tokens === undefined) {
      nulls++;
      continue;
    }
    size ??= tokens.length;
    if (tokens.length !== size) throw fail(row, `ragged: ${tokens.length} numbers, but ${size} before`);
    values ??= new Float32Array(texts.length * size);
    valid[row >> 3] |= 1 << (row & 7);
    for (let i = 0; i < size; i++) {
      const value = number(tokens[i]);
      if (value === undefined) throw fail(row, `"${tokens[i]}" is no number`);
      values[row * size + i] = value;
      if (Number.isFinite(value) && !Number.isFinite(values[row * size + i]))
        throw fail(row, `element ${i} is ${tokens[i]} (beyond float32)`);
    }
  }
  const listSize = size ?? 0;
  const child = makeData({
    type: new Float32(),
    length: texts.length * listSize,
    nullCount: 0,
    data: values ?? new Float32Array(texts.length * listSize),
  });
  const type = listType(listSize);
  return makeData({ type, length: texts.length, nullCount: nulls, nullBitmap: nulls > 0 ? valid : undefined, child });
}

export function listType(width: number): FixedSizeList<Float32> {
  return new FixedSizeList(width, new Field('item', new Float32(), true));
}

/** The numbers of a list as texts; undefined for an empty text. */
export function split(text: string): string[] | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const inner = (trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1) : trimmed).trim();
  if (inner === '') return [];
  return inner.includes(',') ? inner.split(',') : inner.includes(';') ? inner.split(';') : inner.split(/\s+/);
}

const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** A decimal number, `nan` or `inf` in any case; undefined for anything else. */
export function number(text: string): number | undefined {
  const value = Number(text);
  // Number() takes an empty text and hexadecimal, which are no numbers in a CSV.
  if (value - value === 0 && /^\s*[-+.\d]/.test(text) && !/[xob]/i.test(text)) return value;
  return SPECIAL[text.trim().toLowerCase()] ?? (/^\s*[-+]?\d+(\.\d*)?e\+?\d+\s*$/i.test(text) ? value : undefined);
}
