import { padText, textWidth } from './text-width.js';

const GAP = '  ';
const STYLES = { bold: '1', dim: '2', better: '32', worse: '31', warning: '33' } as const;
export type Style = keyof typeof STYLES;
export type Paint = (text: string, style: Style | undefined) => string;

/** ANSI colours where they are wanted, else the text as it is. */
export function painter(color: boolean): Paint {
  return (text, style) => (color && style ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
}

/** A row of a table for people. */
export interface GridRow {
  /** At most two labels: in the results, the group, and the stage (RR, RR_upd, difference) where there is a baseline. */
  readonly head: readonly string[];
  readonly cells: readonly { readonly text: string; readonly style?: Style }[];
  readonly style?: Style;
}

/**
 * Rows as lines of text, with a column for each name; when they do not fit the width, several tables of the same rows one beneath the other.
 * @param width columns of the terminal
 */
export function gridLines(rows: readonly GridRow[], names: readonly string[], width: number, paint: Paint): string[] {
  const headWidths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => textWidth(row.head[i] ?? '')))).filter((w) => w > 0);
  const headWidth = headWidths.reduce((sum, w) => sum + w + GAP.length, 0);
  const widths = names.map((name, i) => Math.max(textWidth(name), ...rows.map((row) => row.cells[i]?.text.length ?? 0)));
  const lines: string[] = [];
  for (let start = 0; start < names.length || start === 0; ) {
    let end = start + 1;
    let used = headWidth + (widths[start] ?? 0);
    while (end < names.length && used + GAP.length + widths[end] <= width) used += GAP.length + widths[end++];
    if (start > 0) lines.push('');
    const header = names.slice(start, end).map((name, i) => padText(name, widths[start + i], 'right'));
    lines.push(paint(`${' '.repeat(headWidth)}${header.join(GAP)}`.trimEnd(), 'bold'));
    for (const row of rows) {
      const head = headWidths.map((w, i) => paint(padText(row.head[i] ?? '', w), row.style) + GAP).join('');
      const cells = row.cells
        .slice(start, end)
        .map((cell, i) => paint(padText(cell.text, widths[start + i], 'right'), cell.style ?? row.style));
      lines.push((head + cells.join(GAP)).trimEnd());
    }
    start = end;
  }
  return lines;
}
