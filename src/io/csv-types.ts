import { Bool, type Data, type DataType, Float64, Int64, makeData, Utf8, vectorFromArray } from 'apache-arrow';
import { type FailAt, listType, looksLikeList, number, parseLists, split } from './csv-list.js';

/** The kinds of values that a CSV column can have. */
export type Kind = 'integer' | 'float' | 'boolean' | 'text' | 'list';

/** A column of a CSV: its name, its place, what it holds. */
export interface CsvColumn {
  readonly name: string;
  readonly index: number;
  readonly kind: Kind;
  readonly type: DataType;
}

// Leading zeros mark codes ("007"), which are text; so are integers beyond 64 bits.
const INTEGER = /^[+-]?(0|[1-9]\d{0,17})$/;
const BOOLEAN = /^(true|false)$/i;

/** The kind that fits every value of a sample; a sample of empty values is text. */
export function inferKind(sample: readonly string[]): Kind {
  const values = sample.filter((text) => text !== '');
  if (values.length === 0) return 'text';
  if (looksLikeList(values[0])) return 'list';
  if (values.every((text) => INTEGER.test(text))) return 'integer';
  if (values.every((text) => BOOLEAN.test(text))) return 'boolean';
  return values.every((text) => isFloat(text)) ? 'float' : 'text';
}

function isFloat(text: string): boolean {
  return !/^[+-]?0\d/.test(text) && number(text) !== undefined;
}

/** The Arrow type of a kind; that of a list has the length of the sample's first. */
export function typeOf(kind: Kind, sample: readonly string[]): DataType {
  if (kind === 'integer') return new Int64();
  if (kind === 'float') return new Float64();
  if (kind === 'boolean') return new Bool();
  if (kind === 'text') return new Utf8();
  return listType(split(sample.find((text) => text.trim() !== '') ?? '')?.length ?? 0);
}

/** Values as an Arrow column; an empty text is null. @throws what `fail` makes of a value of another kind */
export function columnData(column: CsvColumn, texts: readonly string[], fail: FailAt): Data {
  if (column.kind === 'text')
    return vectorFromArray(
      nullable(texts, (text) => text),
      new Utf8(),
    ).data[0];
  if (column.kind === 'boolean') {
    return vectorFromArray(
      nullable(texts, (text, row) => {
        if (!BOOLEAN.test(text)) throw fail(row, `"${text}" is neither true nor false, as all values before are`);
        return text.length === 4;
      }),
      new Bool(),
    ).data[0];
  }
  if (column.kind === 'list') {
    const { listSize } = column.type as ReturnType<typeof listType>;
    return parseLists(texts, listSize > 0 ? listSize : undefined, fail);
  }
  const valid = new Uint8Array(Math.ceil(texts.length / 64) * 8);
  let nullCount = 0;
  const data = column.kind === 'integer' ? new BigInt64Array(texts.length) : new Float64Array(texts.length);
  texts.forEach((text, row) => {
    if (text === '') {
      nullCount++;
      return;
    }
    valid[row >> 3] |= 1 << (row & 7);
    if (data instanceof BigInt64Array) {
      if (!INTEGER.test(text)) throw fail(row, `"${text}" is no integer, as all values before are`);
      data[row] = BigInt(text);
    } else {
      const value = number(text);
      if (value === undefined) throw fail(row, `"${text}" is no number, as all values before are`);
      data[row] = value;
    }
  });
  const nullBitmap = nullCount > 0 ? valid : undefined;
  return data instanceof BigInt64Array
    ? makeData({ type: new Int64(), length: texts.length, nullCount, nullBitmap, data })
    : makeData({ type: new Float64(), length: texts.length, nullCount, nullBitmap, data });
}

function nullable<T>(texts: readonly string[], value: (text: string, row: number) => T): (T | null)[] {
  return texts.map((text, row) => (text === '' ? null : value(text, row)));
}
