/** Ragged lists in compressed sparse rows: list i is `values.subarray(offsets[i], offsets[i + 1])`. */
export interface Lists<T extends Numbers = Int32Array> {
  readonly offsets: Int32Array;
  readonly values: T;
}

type Numbers = Int32Array | Float32Array;

/** Packs arrays of numbers into one ragged list. @param make the typed array to fill, for example `Int32Array` */
export function packLists<T extends Numbers>(lists: readonly ArrayLike<number>[], make: new (length: number) => T): Lists<T> {
  const offsets = new Int32Array(lists.length + 1);
  for (let i = 0; i < lists.length; i++) offsets[i + 1] = offsets[i] + lists[i].length;
  const values = new make(offsets[lists.length]);
  lists.forEach((list, i) => {
    values.set(list, offsets[i]);
  });
  return { offsets, values };
}

/** Lists [start, end), sharing the values' buffer. */
export function sliceLists<T extends Numbers>(lists: Lists<T>, start: number, end: number): Lists<T> {
  const first = lists.offsets[start];
  const offsets = lists.offsets.slice(start, end + 1);
  if (first !== 0) for (let i = 0; i < offsets.length; i++) offsets[i] -= first;
  return { offsets, values: lists.values.subarray(first, first + offsets[offsets.length - 1]) as T };
}

/** One ragged list after another. */
export function concatLists<T extends Numbers>(parts: readonly Lists<T>[], make: new (length: number) => T): Lists<T> {
  const count = parts.reduce((sum, part) => sum + part.offsets.length - 1, 0);
  const total = parts.reduce((sum, part) => sum + part.offsets[part.offsets.length - 1], 0);
  const offsets = new Int32Array(count + 1);
  const values = new make(total);
  let row = 0;
  for (const part of parts) {
    const base = offsets[row];
    const n = part.offsets.length - 1;
    for (let i = 1; i <= n; i++) offsets[row + i] = base + part.offsets[i];
    values.set(part.values.subarray(0, part.offsets[n]), base);
    row += n;
  }
  return { offsets, values };
}
