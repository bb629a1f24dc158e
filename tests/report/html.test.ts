import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Columns } from '../../src/data/columns.js';
import { renderReport } from '../../src/report/html.js';
import type { Item, Report } from '../../src/report/report.js';
import { PLAIN, pictureGallery, pictureReport, textReport, WITH_BASELINE } from './sample.js';

let root: string;
let gallery: Columns;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rankstream-html-'));
  gallery = await pictureGallery(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

const count = (html: string, pattern: RegExp) => (html.match(pattern) ?? []).length;

/** A page without its texts and attribute values: what data must not change. */
const skeleton = (html: string) => html.replace(/"[^"]*"/g, '""').replace(/>[^<>]*</g, '><');

/** A report with `text` wherever data can stand. */
function reportOf(text: string): Report {
  const item = (kind: Item['kind'], more: Partial<Item>): Item => ({ row: 1, kind, label: text, ...more });
  const items = [item('gallery', { path: text }), item('gallery', { text }), item('gallery', {})];
  const list = {
    title: text,
    retrieved: 3,
    items: items.map((shown, i) => ({ item: shown, distance: i, verdict: 'wrong' as const, rank: i + 1 })),
  };
  const query = {
    row: 1,
    queryId: text,
    category: text,
    value: { metric: text, value: 0 },
    query: item('query', { text }),
    lists: [list],
    missed: [items[0]],
  };
  const metrics = { [`m${text}`]: 0.5 };
  const postprocess = [{ name: text, params: { [`p${text}`]: text, list: [text] } }];
  const results = {
    ...PLAIN,
    metrics,
    by: { [`c${text}`]: { [`v${text}`]: metrics } },
    transform: postprocess,
    postprocess,
    warnings: [text],
    device: text,
    distance: text,
  };
  return { title: text, results, sections: [{ title: text, queries: [query] }] };
}

describe('renderReport', () => {
  test('is one page that loads nothing and runs nothing', async () => {
    const html = await renderReport(pictureReport(gallery), { root });
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|<link|<iframe|@import|\son\w+=|javascript:/i);
    expect(
      [...html.matchAll(/(?:src|href)="([^"]{0,30})/g)]
        .map((match) => match[1])
        .filter((target) => !/^(#|data:image\/(png|webp);base64,)/.test(target)),
    ).toEqual([]);
    expect(html).not.toContain(root);
    expect(html).toContain("default-src 'none'");
  });

  test('the same input gives the same bytes', async () => {
    const pages = await Promise.all([1, 8].map((concurrency) => renderReport(pictureReport(gallery), { root, concurrency })));
    expect(pages[0]).toBe(pages[1]);
  });

  test('shows the set-up, both stages and the difference', async () => {
    const html = await renderReport(pictureReport(gallery), { root });
    for (const fact of ['1,234', '60,502', 'l2', 'cpu', 'rerank(model=siamese.onnx, top_n=20)', 'threshold(th=0.4)'])
      expect(html).toContain(fact);
    expect(html).toContain('RR 0.9100 <span class="better">+0.0600</span>');
    expect(html).toContain('RR 0.8600 <span class="worse">-0.0100</span>');
    // An error rate that falls is better.
    expect(html).toContain('RR 0.0400 <span class="better">-0.0200</span>');
    expect(html).toContain('<span class="score">map@5 <b>0.7500</b> <span class="better">+0.1400</span></span>');
  });

  test('shows queries as OML does: frames, captions, missed items, an empty list', async () => {
    const html = await renderReport(pictureReport(gallery), { root });
    expect(count(html, /<article/g)).toBe(4);
    expect(count(html, /class="cell query"/g)).toBe(4);
    expect(count(html, /class="cell missed"/g)).toBe(8);
    expect(count(html, /class="cell (correct|wrong)"/g)).toBe(35);
    expect(html).toContain('Gallery #5 <span class="num">at 0.112</span>');
    expect(html).toContain('✗</span><span class="sr">wrong, rank</span> 1</span>');
    expect(html).toContain('nothing retrieved');
    expect(html).toContain('6 retrieved · 3 of 5 relevant · first at rank 2');
  });

  test('every picture has a text for those who cannot see it, and is in the file once', async () => {
    const html = await renderReport(pictureReport(gallery), { root });
    expect(count(html, /<svg role="img" aria-label="(Query|Gallery) #\d+, \w+"/g)).toBe(count(html, /<use /g));
    const pictures = [...html.matchAll(/href="(data:[^"]+)"/g)].map((match) => match[1]);
    expect(new Set(pictures).size).toBe(pictures.length);
    expect(count(html, /<use /g)).toBeGreaterThan(pictures.length);
  });

  test('without ground truth everything is unknown, and the legend says only that', async () => {
    const html = await renderReport(textReport(['one', 'two']));
    expect(count(html, /class="cell unknown"/g)).toBe(2);
    expect(html).toContain('no ground truth');
    expect(html).not.toContain('relevant, but not retrieved');
  });

  test('long texts are clipped, whole in the title', async () => {
    const long = `${'word '.repeat(2000)}end`;
    const html = await renderReport(textReport([long]));
    expect(count(html, /word end"/g)).toBe(2);
    expect(count(html, /word end</g)).toBe(0);
  });

  test('missing and broken pictures leave a cell with the path and one warning', async () => {
    await writeFile(join(root, 'broken.jpg'), 'no picture');
    const items = ['broken.jpg', 'gone.png', join(root, 'pictures/gone.webp')].map((path, row): Item => ({ row, kind: 'gallery', path }));
    const query = { row: 0, query: items[0], lists: [], missed: items };
    const html = await renderReport({ title: 't', results: PLAIN, sections: [{ title: 's', queries: [query] }] }, { root });
    expect(count(html, /<strong>no picture<\/strong>/g)).toBe(4);
    expect(html).toContain(
      '3 pictures could not be shown (missing, or no image that can be read): broken.jpg, gone.png, pictures/gone.webp',
    );
    expect(html).not.toContain(root);
  });

  test('an item without picture and text shows its row and label', async () => {
    const query = { row: 3, query: { row: 3, kind: 'query', label: 'shoe' } as const, lists: [], missed: [] };
    const html = await renderReport({ title: 't', results: PLAIN, sections: [{ title: 's', queries: [query] }] });
    expect(html).toContain('<strong>#3</strong> <bdi>shoe</bdi>');
  });

  test('scores of a run are shown as they were', async () => {
    const report = textReport(['a', 'b']);
    const html = await renderReport({ ...report, results: { ...report.results, distance: 'score' } });
    expect(html).toContain('with 0.000');
    expect(html).toContain('with -0.143');
  });

  test('items with a fragment of their own show that, once made, and no picture is looked for', async () => {
    const asked: string[] = [];
    const show = async ({ kind, row }: Item) => {
      asked.push(`${kind} ${row}`);
      if (row === 2) throw new Error('it is silent');
      return kind === 'gallery' && row === 3 ? undefined : `<audio controls src="data:audio/wav;base64,${row}"></audio>`;
    };
    const items = [1, 2, 3, 1].map((row): Item => ({ row, kind: 'gallery', path: `${row}.wav` }));
    const query = { row: 1, query: { row: 1, kind: 'query' } as const, lists: [], missed: items };
    const render = (concurrency: number) =>
      renderReport({ title: 't', results: PLAIN, sections: [{ title: 's', queries: [query] }] }, { root, show, concurrency });
    const html = await render(1);
    expect(asked).toEqual(['query 1', 'gallery 1', 'gallery 2', 'gallery 3']);
    expect(count(html, /<div class="frame made"( title="1.wav")?><audio controls src="data:audio\/wav;base64,1"><\/audio><\/div>/g)).toBe(
      3,
    );
    expect(count(html, /<strong>cannot be shown<\/strong>/g)).toBe(1);
    expect(html).toContain('1 item could not be shown, for example gallery #2: it is silent');
    expect(html).toContain('1 picture could not be shown (missing, or no image that can be read): 3.wav');
    expect(html).toContain('media-src data:');
    expect(await render(8)).toBe(html);
  });

  test('very many categories are cut', async () => {
    const values = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`c${i}`, { 'cmc@1': 1 }]));
    const html = await renderReport({ title: 't', results: { ...PLAIN, by: { category: values } }, sections: [] });
    expect(count(html, /<tr/g)).toBe(502);
    expect(html).toContain('... and 1500 more');
  });

  test('without post-processing nothing speaks of it', async () => {
    const html = await renderReport({ title: 't', results: PLAIN, sections: [] });
    expect(html).not.toMatch(/RR_upd|class="before"/);
    expect(await renderReport({ title: 't', results: WITH_BASELINE, sections: [] })).toContain('RR_upd');
  });

  test('data never becomes markup', async () => {
    const harmless = skeleton(await renderReport(reportOf('x'), { root }));
    const attacks = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onload='x",
      '</style><script>',
      '</title><script>',
      '-->',
      '&lt;script&gt;',
      '\0<svg/onload=x>',
    ];
    const anything = fc.oneof(
      fc.constantFrom(...attacks),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', ' ', 'script', '/') }),
      fc.constantFrom(...attacks).map((attack) => 'y'.repeat(70) + attack),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const html = await renderReport(reportOf(text), { root });
        expect(html).not.toMatch(/<script/i);
        expect(skeleton(html)).toBe(harmless);
      }),
      { numRuns: 150 },
    );
  });
});
