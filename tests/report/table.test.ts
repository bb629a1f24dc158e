import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resultsTable } from '../../src/report/table.js';
import { textWidth } from '../../src/report/text-width.js';
import { PLAIN, WITH_BASELINE } from './sample.js';

describe('resultsTable', () => {
  test('set-up, OVERALL, categories in natural order, what is not defined, warnings', () => {
    expect(resultsTable(PLAIN)).toBe(
      [
        'queries 1,234, gallery 60,502, k 100, distance l2, device cpu',
        '',
        '            cmc@1   map@5  precision@5  fnmr@fmr=0.1',
        'OVERALL    0.9700  0.8812       0.7333             -',
        'category',
        '  bags 9   0.7500  0.5000            -             -',
        '  bags 10  0.5000  0.2500            -             -',
        '  shoes    1.0000  0.9000            -             -',
        '',
        'warning: fnmr@fmr=0.1: there are no negatives',
      ].join('\n'),
    );
  });

  test('with post-processing: before, after and the difference', () => {
    expect(resultsTable(WITH_BASELINE)).toBe(
      [
        'queries 1,234, gallery 60,502, k 100, distance l2, device cpu',
        'RR -> rerank(model=siamese.onnx, top_n=20) -> threshold(th=0.4) -> RR_upd',
        '',
        '                        cmc@1    map@5  fnmr@fmr=0.1',
        'OVERALL   RR           0.9100   0.8600        0.0400',
        '          RR_upd       0.9700   0.8500        0.0200',
        '          difference  +0.0600  -0.0100       -0.0200',
        'category',
        '  bags    RR           0.8300   0.8200        0.0500',
        '          RR_upd       0.9500   0.8200        0.0300',
        '          difference  +0.1200   0.0000       -0.0200',
        '  shoes   RR           0.9900   0.9000        0.0200',
        '          RR_upd       0.9900   0.8800        0.0100',
        '          difference   0.0000  -0.0200       -0.0100',
      ].join('\n'),
    );
  });

  test('colours tell better from worse (an error rate should fall), and only when asked for', () => {
    const [, , , ...lines] = resultsTable(WITH_BASELINE, { color: true }).split('\n');
    const change = lines.find((line) => line.includes('difference'));
    expect(change).toContain('\u001b[32m+0.0600\u001b[0m');
    expect(change).toContain('\u001b[31m-0.0100\u001b[0m');
    expect(change).toContain('\u001b[32m     -0.0200\u001b[0m');
    expect(resultsTable(WITH_BASELINE)).not.toContain('\u001b');
  });

  test('the same text with and without colours', () => {
    // Every colour starts with the escape character.
    const plain = resultsTable(WITH_BASELINE, { color: true })
      .split('\u001b')
      .map((part) => part.replace(/^\[\d+m/, ''))
      .join('');
    expect(plain.replace(/ +$/gm, '')).toBe(resultsTable(WITH_BASELINE));
  });

  test('very many categories are cut, and the last line says where the others are', () => {
    const shoes = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`c${i}`, { 'cmc@1': 1 }]));
    const lines = resultsTable({ ...PLAIN, by: { category: shoes }, warnings: [] }).split('\n');
    expect(lines.at(-1)).toBe('... and 950 more categories; all of them: --json');
    expect(lines.filter((line) => /^ {2}c\d/.test(line))).toHaveLength(50);
  });

  test('metrics that do not fit the width continue beneath', () => {
    const metrics = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`precision@${i + 1}`, 0.5]));
    const text = resultsTable({ ...PLAIN, metrics, by: {} }, { width: 60 });
    const lines = text.split('\n').slice(2);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(60);
    for (const name of Object.keys(metrics)) expect(text.split(/\s+/)).toContain(name);
  });

  test('no metrics, an unknown gallery, a category named OVERALL, a missing category', () => {
    const bare = { ...PLAIN, metrics: {}, by: {}, gallery: undefined, k: undefined, device: undefined, warnings: [] };
    expect(resultsTable(bare).split('\n')[0]).toBe('queries 1,234, distance l2');
    const odd = resultsTable({
      ...PLAIN,
      by: { category: { '(none)': { 'cmc@1': 0 }, OVERALL: { 'cmc@1': 0.5 }, zebra: { 'cmc@1': 1 } } },
    });
    const lines = odd.split('\n').map((line) => line.trimEnd().slice(0, 11).trimEnd());
    expect(lines.slice(3, 8)).toEqual(['OVERALL', 'category', '  OVERALL', '  zebra', '  (none)']);
  });

  test('counts are not fractions', () => {
    expect(resultsTable({ ...PLAIN, metrics: { NumRel: 123456 }, by: {} })).toContain('123,456');
  });

  test('data cannot move the cursor or break lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const results = { ...PLAIN, by: { [`c${text}`]: { [`v${text}`]: { 'cmc@1': 1 } } }, warnings: [text] };
        const output = resultsTable(results);
        expect(output).not.toMatch(/[^\P{Cc}\n]/u);
        expect(output.split('\n')).toHaveLength(8);
      }),
    );
  });

  test('wide characters keep their columns', () => {
    const lines = resultsTable({ ...PLAIN, metrics: { m: 1 }, by: { c: { 靴: { m: 0.5 }, bag: { m: 0.5 } } } }).split('\n');
    const [bag, shoe] = lines.filter((line) => line.endsWith('0.5000'));
    expect(textWidth(bag)).toBe(textWidth(shoe));
  });
});
