import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Int32, vectorFromArray } from 'apache-arrow';
import sharp from 'sharp';
import { type Columns, textColumn } from '../../src/data/columns.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { Report } from '../../src/report/report.js';
import type { Results } from '../../src/report/results.js';
import { showQuery } from '../../src/report/show.js';

/** Results without post-processing. */
export const PLAIN: Results = {
  metrics: { 'cmc@1': 0.97, 'map@5': 0.88125, 'precision@5': 0.7333333, 'fnmr@fmr=0.1': null },
  by: {
    category: {
      shoes: { 'cmc@1': 1, 'map@5': 0.9 },
      'bags 10': { 'cmc@1': 0.5, 'map@5': 0.25 },
      'bags 9': { 'cmc@1': 0.75, 'map@5': 0.5 },
    },
  },
  queries: 1234,
  gallery: 60502,
  k: 100,
  distance: 'l2',
  device: 'cpu',
  postprocess: [],
  seconds: { search: 1.5 },
  warnings: ['fnmr@fmr=0.1: there are no negatives'],
};

/** Results with a post-processor. */
export const WITH_BASELINE: Results = {
  ...PLAIN,
  metrics: { 'cmc@1': 0.97, 'map@5': 0.85, 'fnmr@fmr=0.1': 0.02 },
  by: {
    category: {
      shoes: { 'cmc@1': 0.99, 'map@5': 0.88, 'fnmr@fmr=0.1': 0.01 },
      bags: { 'cmc@1': 0.95, 'map@5': 0.82, 'fnmr@fmr=0.1': 0.03 },
    },
  },
  baseline: {
    metrics: { 'cmc@1': 0.91, 'map@5': 0.86, 'fnmr@fmr=0.1': 0.04 },
    by: {
      category: {
        shoes: { 'cmc@1': 0.99, 'map@5': 0.9, 'fnmr@fmr=0.1': 0.02 },
        bags: { 'cmc@1': 0.83, 'map@5': 0.82, 'fnmr@fmr=0.1': 0.05 },
      },
    },
  },
  postprocess: [
    { name: 'rerank', params: { model: 'siamese.onnx', top_n: 20 } },
    { name: 'threshold', params: { th: 0.4 } },
  ],
  warnings: [],
};

const HUES = [8, 36, 140, 205, 262, 320];
const SHAPES = [
  '<circle cx="120" cy="110" r="62"/>',
  '<rect x="55" y="50" width="130" height="120" rx="18"/>',
  '<path d="M120 35 205 180H35Z"/>',
  '<path d="M120 30 210 110 120 190 30 110Z"/>',
];
const KINDS = ['circle', 'square', 'triangle', 'diamond'];
const SIZE = 24;

/** Columns of a gallery of 24 drawn pictures, whose files are written under `root`. */
export async function pictureGallery(root: string): Promise<Columns> {
  await mkdir(join(root, 'pictures'), { recursive: true });
  const paths: string[] = [];
  for (let i = 0; i < SIZE; i++) {
    const ground = `hsl(${HUES[i % HUES.length]},40%,${86 - (i % 5) * 3}%)`;
    const shape = `<g fill="hsl(${HUES[(i * 5 + 2) % HUES.length]},65%,48%)" transform="rotate(${i * 7} 120 110)">${SHAPES[i % SHAPES.length]}</g>`;
    const size = i % 3 === 0 ? 'width="240" height="220"' : 'width="240" height="300"';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="240" height="300" fill="${ground}"/>${shape}</svg>`;
    const format = (['png', 'jpg', 'webp', 'svg'] as const)[i % 4];
    paths.push(`pictures/item-${i}.${format}`);
    const file = join(root, paths[i]);
    await (format === 'svg' ? writeFile(file, svg) : sharp(Buffer.from(svg)).toFile(file));
  }
  return {
    path: textColumn(paths),
    label: textColumn(paths.map((_, i) => KINDS[i % KINDS.length])),
    category: textColumn(paths.map((_, i) => (i % 2 === 0 ? 'round' : 'angular'))),
  };
}

/** A report of pictures: three queries before and after re-ranking; the last query keeps nothing. */
export function pictureReport(gallery: Columns, results: Results = WITH_BASELINE): Report {
  const relevant = [0, 1, 2].map((q) => Array.from({ length: SIZE }, (_, i) => i).filter((i) => i % 4 === q && i !== q));
  const info = { gallerySize: SIZE, distance: 'l2' as const };
  const columns = Object.fromEntries(Object.entries(gallery).map(([name, column]) => [name, column.slice(0, 3)]));
  const distances = [0.112, 0.2345, 0.31, 0.3504, 0.41, 0.52];
  const before = [
    [5, 4, 6, 8, 10, 12],
    [6, 7, 5, 11, 9, 2],
    [3, 7, 9, 1, 11, 14],
  ];
  const after = [[4, 8, 12, 5, 6], [5, 9, 6, 7, 11], []];
  const baseline = RetrievalResults.fromLists({ retrieved: before, distances: before.map(() => distances), relevant, columns, info });
  const rr = RetrievalResults.fromLists({
    retrieved: after,
    distances: after.map((list) => distances.slice(0, list.length)),
    relevant,
    columns,
    info,
  });
  const values = [0.75, 0.45, 0];
  const queries = values.map((value, position) => {
    return showQuery({ rr, baseline, position, gallery, value: { metric: 'map@5', value, baseline: [0.61, 0.52, 0][position] } });
  });
  return {
    title: 'shapes.parquet',
    results,
    sections: [
      { title: 'Worst queries by map@5', queries },
      { title: 'Chosen queries', queries: queries.slice(0, 1) },
    ],
  };
}

/** A report of texts without ground truth. */
export function textReport(texts: readonly string[], title = 'questions.parquet'): Report {
  const gallery = { text: textColumn([...texts]), label: vectorFromArray([...texts.keys()], new Int32()) };
  const distances = texts.map((_, i) => i / 7);
  const rr = RetrievalResults.fromLists({
    retrieved: [[...texts.keys()]],
    distances: [distances],
    columns: gallery && { text: gallery.text.slice(0, 1) },
  });
  return { title, results: { ...PLAIN, by: {} }, sections: [{ title: 'Chosen queries', queries: [showQuery({ rr, gallery })] }] };
}
