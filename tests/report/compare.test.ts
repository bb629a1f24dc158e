import { describe, expect, test } from 'vitest';
import { comparisonLatex, escapeLatex } from '../../src/report/compare-latex.js';
import { comparisonMarkdown, escapeMarkdown } from '../../src/report/compare-markdown.js';
import { comparisonTable } from '../../src/report/compare-table.js';
import type { ComparedValue, Comparison } from '../../src/report/comparison.js';

const value = (system: string, mean: number, difference: number, p: number): ComparedValue => ({
  system,
  mean,
  difference,
  interval: [difference - 0.01, difference + 0.01],
  tTest: { t: 1, df: 9, p, holm: p, bonferroni: p },
  randomisation: { p, exact: false, assignments: 10_000, holm: 2 * p, bonferroni: 2 * p },
  wins: 1234,
  ties: 5,
  losses: 6,
  gained: [{ query: 3, id: 'q_3 | 100%', baseline: 0.25, value: 1, difference: 0.75 }],
  lost: [{ query: 4, baseline: 1, value: 0.5, difference: -0.5 }],
});

const COMPARISON: Comparison = {
  systems: [
    { label: 'A', name: 'base_line/rr & co.arrow' },
    { label: 'B', name: 'new~1\u001b[31m.arrow' },
  ],
  queries: 1245,
  matchedBy: 'id',
  metrics: [
    { metric: 'map@10', baseline: { system: 'A', mean: 0.5 }, against: [value('B', 0.56, 0.06, 0.00001)] },
    { metric: 'RBP(p=0.8)', baseline: { system: 'A', mean: 0.7 }, against: [{ ...value('B', 0.69, -0.01, 0.3), gained: [], lost: [] }] },
  ],
  comparisons: 2,
  permutations: 10_000,
  resamples: 2000,
  confidence: 0.95,
  seed: 7,
  warnings: ['B: 70 gallery items, 60 in A'],
};

const LEGEND = [
  'difference: mean of the system minus mean of A; 95% interval: bootstrap (percentile, 2,000 resamples)',
  "t-test, randomisation: two-sided p of Student's paired t-test and of Fisher's randomisation test (exact where at most 20 queries differ, else of 10,000 random assignments; seed 7)",
  'Holm, Bonferroni: p of the randomisation test, corrected for 2 comparisons; * below 0.05, ** below 0.01, *** below 0.001 (Holm)',
];

describe('comparisonTable', () => {
  test('systems, a row for each of them under each metric, legend, queries, warnings', () => {
    expect(comparisonTable(COMPARISON)).toBe(
      [
        'A  base_line/rr & co.arrow (baseline)',
        'B  new~1\ufffd[31m.arrow',
        '1,245 queries, matched by id',
        '',
        '                 mean  difference        95% interval  wins/ties/losses   t-test  randomisation         Holm  Bonferroni',
        'map@10      A  0.5000',
        '            B  0.5600     +0.0600  +0.0500 to +0.0700         1,234/5/6  <0.0001        <0.0001  <0.0001 ***     <0.0001',
        'RBP(p=0.8)  A  0.7000',
        '            B  0.6900     -0.0100   -0.0200 to 0.0000         1,234/5/6   0.3000         0.3000       0.6000      0.6000',
        '',
        ...LEGEND,
        '',
        'map@10, B against A',
        '  gained  q_3 | 100% +0.7500 (0.2500 to 1.0000)',
        '  lost    query 4 -0.5000 (1.0000 to 0.5000)',
        '',
        'warning: B: 70 gallery items, 60 in A',
      ].join('\n'),
    );
  });

  test('colours what is significant, for better or worse, and nothing else among the numbers', () => {
    const worse = { ...value('B', 0.44, -0.06, 0.00001) };
    const metrics = [COMPARISON.metrics[0], { ...COMPARISON.metrics[1], against: [worse] }];
    const text = comparisonTable({ ...COMPARISON, metrics }, { color: true });
    expect(text).toContain('\u001b[32m   +0.0600\u001b[0m');
    expect(text).toContain('\u001b[31m   -0.0600\u001b[0m');
    expect(comparisonTable(COMPARISON, { color: true })).not.toContain('\u001b[31m');
    expect(comparisonTable(COMPARISON)).not.toContain('\u001b');
  });

  test('goes on beneath where the terminal is narrow', () => {
    const lines = comparisonTable({ ...COMPARISON, warnings: [] }, { width: 70 }).split('\n');
    expect(lines.filter((line) => line.startsWith('map@10 '))).toHaveLength(3);
    const table = lines.slice(4, lines.indexOf(LEGEND[0]));
    for (const line of table) expect(line.length).toBeLessThanOrEqual(70);
  });
});

describe('comparisonMarkdown', () => {
  const lines = comparisonMarkdown(COMPARISON).split('\n');

  test('is a table with as many cells in every row', () => {
    const rows = lines.filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(6);
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(12);
    expect(rows[0]).toBe(
      '| metric | system | mean | difference | 95% interval | wins/ties/losses | t-test | randomisation | Holm | Bonferroni |',
    );
    expect(rows[3]).toBe(
      '|  | B | 0.5600 | +0.0600 | +0.0500 to +0.0700 | 1,234/5/6 | \\<0.0001 | \\<0.0001 | \\<0.0001 \\*\\*\\* | \\<0.0001 |',
    );
  });

  test('shows names as they are', () => {
    expect(lines[0]).toBe('- A: base\\_line/rr \\& co.arrow (baseline)');
    expect(lines).toContain('- gained: q\\_3 \\| 100% +0.7500 (0.2500 to 1.0000)');
    expect(lines).toContain('- warning: B: 70 gallery items, 60 in A');
    const special = '\\ ` * _ [link](x) <b> | ~~ &amp; $x$ # plain';
    // Every escape is a backslash before a character of punctuation, which Markdown then shows as it is.
    expect(escapeMarkdown(special).replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(special);
    expect(escapeMarkdown(special)).not.toMatch(/(?<!\\)[`*_[\]<>|~&$#]/);
    expect(escapeMarkdown('a\nb')).toBe('a\ufffdb');
  });
});

describe('comparisonLatex', () => {
  const lines = comparisonLatex(COMPARISON).split('\n');

  test('is a table with as many cells in every row, and the legend beneath', () => {
    const rows = lines.filter((line) => line.endsWith('\\\\'));
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row.split(/(?<!\\)&/)).toHaveLength(10);
    expect(lines[1]).toBe('\\begin{tabular}{llrrrrrrrr}');
    expect(rows[2]).toBe(
      '   & B & 0.5600 & $+0.0600$ & $+0.0500$ to $+0.0700$ & 1,234/5/6 & \\textless{}0.0001 & \\textless{}0.0001 & \\textless{}0.0001$^{***}$ & \\textless{}0.0001 \\\\',
    );
    expect(lines).toContain('A: base\\_line/rr \\& co.arrow (baseline); B: new\\textasciitilde{}1\ufffd[31m.arrow.\\par');
    for (const line of LEGEND) expect(lines).toContain(`${line.replaceAll('%', '\\%')}.\\par`);
  });

  test('escapes what LaTeX keeps for itself', () => {
    expect(escapeLatex('\\ ~ ^ < > | & % $ # _ { }')).toBe(
      '\\textbackslash{} \\textasciitilde{} \\textasciicircum{} \\textless{} \\textgreater{} \\textbar{} \\& \\% \\$ \\# \\_ \\{ \\}',
    );
    // After the end of a row LaTeX takes these for an option of the end.
    expect([escapeLatex('[x] *'), escapeLatex('*')]).toEqual(['{}[x] *', '{}*']);
  });
});
