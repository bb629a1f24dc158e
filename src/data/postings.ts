/** Rows by code: those with code c are `rows.subarray(starts[c], starts[c + 1])`, ascending. */
export interface Postings {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
}

/** Counting sort of rows by their codes; rows with a negative code are left out. */
export function postingsOf(codes: Int32Array, codeCount: number): Postings {
  const starts = new Int32Array(codeCount + 1);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) starts[codes[i] + 1]++;
  for (let c = 0; c < codeCount; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const rows = new Int32Array(starts[codeCount]);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) rows[next[codes[i]]++] = i;
  return { starts, rows };
}

/** The rows with a code that lie in [first, end); none for a negative code. */
export function rowsWithin({ starts, rows }: Postings, code: number, first: number, end: number): Int32Array {
  if (code < 0) return rows.subarray(0, 0);
  return rows.subarray(lowerBound(rows, starts[code], starts[code + 1], first), lowerBound(rows, starts[code], starts[code + 1], end));
}

/** The first position in [from, to) whose row is not below `row`. */
function lowerBound(rows: Int32Array, from: number, to: number, row: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < row) low = middle + 1;
    else high = middle;
  }
  return low;
}
