const ZERO = 48;
const NINE = 57;

/**
 * Compares as people sort: runs of digits by their number, all else by UTF-16 code unit (`item 2` before `item 10`). A total order that needs no
 * locale, so that files written on two machines are the same.
 */
export function naturalOrder(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const [startA, endA] = digits(a, i);
      const [startB, endB] = digits(b, j);
      // Without leading zeros the longer number is the larger, and numbers of one length compare as text.
      const longer = endA - startA - (endB - startB);
      if (longer !== 0) return longer;
      for (let d = 0; d < endA - startA; d++) {
        const difference = a.charCodeAt(startA + d) - b.charCodeAt(startB + d);
        if (difference !== 0) return difference;
      }
      [i, j] = [endA, endB];
    } else {
      const difference = a.charCodeAt(i++) - b.charCodeAt(j++);
      if (difference !== 0) return difference;
    }
  }
  const rest = a.length - i - (b.length - j);
  // Only leading zeros can still differ.
  return rest !== 0 ? rest : a < b ? -1 : a > b ? 1 : 0;
}

function isDigit(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  return code >= ZERO && code <= NINE;
}

/** Start, without leading zeros, and end of the run of digits at i. */
function digits(text: string, i: number): [number, number] {
  let start = i;
  while (text.charCodeAt(start) === ZERO) start++;
  let end = start;
  while (end < text.length && isDigit(text, end)) end++;
  return [start, end];
}
