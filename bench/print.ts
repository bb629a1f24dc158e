/** Rows of texts in columns: the first aligned left, the others right. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    console.log(row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  '));
  }
}

/** The same as a table for a page of docs/. */
export function printMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
}

export const seconds = (value: number) => `${value.toFixed(2)} s`;
export const megabytes = (value: number) => `${value.toFixed(0)} MB`;
export const ratio = (value: number) => `${value.toFixed(2)}x`;
export const milliseconds = (value: number) => `${(value * 1000).toFixed(2)} ms`;
export const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
