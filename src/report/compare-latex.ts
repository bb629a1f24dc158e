import { COMPARE_COLUMNS, compareCells, compareLegend, compareSetup } from './compare-cells.js';
import type { Comparison } from './comparison.js';
import { formatMetric } from './format.js';
import { printable } from './text-width.js';

/** A comparison as a LaTeX table with its legend beneath; needs the package booktabs. */
export function comparisonLatex(comparison: Comparison): string {
  const { systems, metrics } = comparison;
  const row = (cells: readonly string[]) => `  ${cells.map(latexCell).join(' & ')} \\\\`;
  const groups = metrics.map(({ metric, baseline, against }) =>
    [
      row([metric, baseline.system, formatMetric(baseline.mean), ...COMPARE_COLUMNS.slice(1).map(() => '')]),
      ...against.map((value) => row(['', value.system, ...compareCells(value)])),
    ].join('\n'),
  );
  const names = systems.map(({ label, name }, s) => `${label}: ${name}${s === 0 ? ' (baseline)' : ''}`).join('; ');
  return [
    '% needs \\usepackage{booktabs}',
    `\\begin{tabular}{ll${COMPARE_COLUMNS.map(() => 'r').join('')}}`,
    '  \\toprule',
    row(['metric', 'system', ...COMPARE_COLUMNS]),
    '  \\midrule',
    groups.join('\n  \\addlinespace\n'),
    '  \\bottomrule',
    '\\end{tabular}',
    '',
    '{\\footnotesize',
    ...[names, compareSetup(comparison), ...compareLegend(comparison)].map((line) => `${escapeLatex(line)}.\\par`),
    '}',
  ].join('\n');
}

/** Numbers get a true minus, stars are raised; all else shows as it is. */
function latexCell(text: string): string {
  return escapeLatex(text)
    .replace(/(^| )([-+]\d[\d.,]*)/g, '$1$$$2$$')
    .replace(/ (\*+)$/, '$$^{$1}$$');
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
};

/**
 * Text that shows as it is: the ten characters that LaTeX keeps for itself, those that its oldest font encoding shows as others, and a first character
 * that the end of the row before would take for its option.
 */
export function escapeLatex(text: string): string {
  return printable(text)
    .replace(/[\\~^<>|&%$#_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`)
    .replace(/^(?=[[*])/, '{}');
}
