import { escapeHtml, excerpt } from '../data/escape.js';
import type { Fragments } from './fragments.js';
import { type Album, shownPath } from './pictures.js';
import type { Item, ShownItem, Verdict } from './report.js';

/** What cells need to know of the report around them. */
export interface CellContext {
  readonly album: Album;
  readonly fragments: Fragments;
  /** Folder that absolute paths are cut to. */
  readonly root: string;
  /** Distances are negated scores, which are shown as the scores they were. */
  readonly scores: boolean;
}

/** What a frame says. */
export type Frame = Verdict | 'query' | 'missed';

/** Marks beside the colours, which not everyone can tell apart. */
export const MARKS: Readonly<Record<Frame, string>> = { query: 'Q', correct: '✓', wrong: '✗', unknown: '?', missed: '–' };

/** A retrieved item: `✓ 1` above, `Gallery #12 at 0.183` beneath (`with 0.183`: a score). */
export function retrievedCell({ item, distance, verdict, rank }: ShownItem, context: CellContext): string {
  const badge = `<span class="badge"><span aria-hidden="true">${MARKS[verdict]}</span><span class="sr">${verdict}, rank</span> ${rank}</span>`;
  const value = (context.scores ? -distance : distance).toFixed(3).replace(/^-(0\.0+)$/, '$1');
  return cell(item, verdict, badge, `Gallery #${item.row} <span class="num">${context.scores ? 'with' : 'at'} ${value}</span>`, context);
}

/** A relevant item that was not retrieved. */
export function missedCell(item: Item, context: CellContext): string {
  return cell(
    item,
    'missed',
    `<span class="badge"><span aria-hidden="true">${MARKS.missed} </span>missed</span>`,
    `Gallery #${item.row}`,
    context,
  );
}

/** The query itself. */
export function queryCell(item: Item, context: CellContext): string {
  return cell(item, 'query', '<span class="badge">query</span>', `Query #${item.row}`, context);
}

function cell(item: Item, frame: Frame, badge: string, caption: string, context: CellContext): string {
  const label =
    item.label === undefined
      ? ''
      : `<span class="label" dir="auto" title="${escapeHtml(item.label)}">${escapeHtml(excerpt(item.label, 80))}</span>`;
  return `<figure class="cell ${frame}">${badge}${content(item, context)}<figcaption>${caption}${label}</figcaption></figure>`;
}

/** What was made for it, else picture, else text, else row and label. */
function content(item: Item, { album, fragments, root }: CellContext): string {
  const picture = album.of(item);
  const name = `${item.kind === 'query' ? 'Query' : 'Gallery'} #${item.row}`;
  const title = item.text ?? (item.path === undefined ? undefined : shownPath(item.path, root));
  const titled = title === undefined ? '' : ` title="${escapeHtml(title)}"`;
  const fragment = fragments.of(item);
  if (fragment !== undefined) return `<div class="frame made"${titled}>${fragment}</div>`;
  if (picture) {
    const { id, width, height } = picture;
    const alternative = escapeHtml([name, item.label].filter((part) => part !== undefined).join(', '));
    return `<div class="frame"${titled}><svg role="img" aria-label="${alternative}" viewBox="0 0 ${width} ${height}"><use href="#${id}"/></svg></div>`;
  }
  if (item.text !== undefined) return `<div class="frame words"${titled}><p dir="auto">${escapeHtml(excerpt(item.text, 400))}</p></div>`;
  if (title !== undefined)
    return `<div class="frame none"${titled}><p><strong>no picture</strong><br><bdi>${escapeHtml(excerpt(title, 80))}</bdi></p></div>`;
  return `<div class="frame none"><p><strong>#${item.row}</strong> <bdi>${escapeHtml(excerpt(item.label ?? '', 80))}</bdi></p></div>`;
}
