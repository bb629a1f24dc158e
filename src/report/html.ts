import { escapeHtml } from '../data/escape.js';
import type { Frame } from './cell.js';
import { makeFragments, type ShowItem } from './fragments.js';
import { metricsSection } from './metrics-section.js';
import { legend, page } from './page.js';
import { makeAlbum } from './pictures.js';
import { queryRow } from './query-row.js';
import type { Item, Report, ShownQuery } from './report.js';

export interface RenderOptions {
  /** Folder that the paths of pictures are relative to (the working directory). */
  readonly root?: string;
  /** Longest side of a thumbnail in pixels (128). */
  readonly thumbnail?: number;
  /** Items that are read at a time (8). */
  readonly concurrency?: number;
  /** Shows items that are neither pictures nor texts. */
  readonly show?: ShowItem;
}

/**
 * The report as one HTML file that needs nothing else: no network, no script, every picture inside. The same input gives the same bytes; no
 * time, host or absolute path is in it (so the seconds of the results are not shown).
 */
export async function renderReport({ title, results, sections }: Report, options: RenderOptions = {}): Promise<string> {
  const { root = process.cwd(), thumbnail: size, concurrency = 8 } = options;
  const queries = sections.flatMap((section) => section.queries);
  const items = queries.flatMap(itemsOf);
  const fragments = await makeFragments(items, options.show, concurrency);
  const pictures = items.filter((item) => fragments.of(item) === undefined);
  const album = await makeAlbum(pictures, { root, size, concurrency });
  const context = { album, fragments, root, scores: results.distance === 'score' };
  const rows = sections.map((section, i) => {
    const cards = section.queries.map((shown) => queryRow(shown, context)).join('\n');
    return `<section id="s${i}"><h2>${escapeHtml(section.title)}</h2>${cards || '<p class="more">No queries.</p>'}</section>`;
  });
  const key = queries.length > 0 ? legend(framesOf(queries)) : '';
  return page({
    title,
    results,
    warnings: [...results.warnings, ...fragments.warnings, ...album.warnings],
    sections: sections.map((section) => section.title),
    symbols: album.symbols,
    body: [metricsSection(results), key, ...rows].join('\n'),
  });
}

function itemsOf({ query, lists, missed }: ShownQuery): Item[] {
  return [query, ...lists.flatMap((list) => list.items.map((shown) => shown.item)), ...missed];
}

function framesOf(queries: readonly ShownQuery[]): Set<Frame> {
  const frames = new Set<Frame>(['query']);
  for (const { lists, missed } of queries) {
    for (const list of lists) for (const { verdict } of list.items) frames.add(verdict);
    if (missed.length > 0) frames.add('missed');
  }
  return frames;
}
