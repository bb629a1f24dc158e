import { type Data, DataType, type RecordBatch } from 'apache-arrow';

/**
 * Checks that the buffers of a decoded batch are as long as its rows need. apache-arrow takes what is there, so that damaged lengths would become
 * `undefined` values.
 * @throws Error with the column
 */
export function checkBatch(batch: RecordBatch): void {
  for (const [c, child] of batch.data.children.entries()) {
    const { name } = batch.schema.fields[c];
    if (child.length < batch.numRows) throw new Error(`column "${name}" has fewer rows than its batch`);
    const problem = shortage(child);
    if (problem) throw new Error(`column "${name}": ${problem}`);
  }
}

function shortage(data: Data): string | undefined {
  const { type, length, offset, values, valueOffsets, nullBitmap, children } = data;
  const end = offset + length;
  if (length === 0 || DataType.isNull(type)) return undefined;
  if (data.nullCount > 0 && nullBitmap.length * 8 < length) return 'its nulls are not all there';
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isBinary(type) || DataType.isLargeBinary(type)) {
    return offsetsProblem(valueOffsets, length, values.length);
  }
  if (DataType.isList(type) || DataType.isMap(type))
    return offsetsProblem(valueOffsets, length, children[0].length) ?? shortage(children[0]);
  if (DataType.isFixedSizeList(type))
    return children[0].length < length * type.listSize ? 'its lists are not all there' : shortage(children[0]);
  if (DataType.isStruct(type)) {
    if (children.some((child) => child.length < end)) return 'its structs are not all there';
    return children.map(shortage).find((problem) => problem !== undefined);
  }
  if (DataType.isBool(type)) return values.length * 8 < end ? 'its values are not all there' : undefined;
  if (!values || DataType.isUnion(type)) return undefined;
  return values.length < length * data.stride ? 'its values are not all there' : undefined;
}

function offsetsProblem(offsets: Int32Array | BigInt64Array, length: number, end: number): string | undefined {
  if (offsets.length < length + 1) return 'its offsets are not all there';
  let last = 0;
  for (let i = 0; i <= length; i++) {
    const offset = Number(offsets[i]);
    if (offset < last) return 'its offsets go backwards';
    last = offset;
  }
  return last > end ? 'its values are not all there' : undefined;
}
