import { escapeHtml, excerpt } from '../data/escape.js';
import { type CellContext, missedCell, queryCell, retrievedCell } from './cell.js';
import { difference, formatCount, formatDifference, formatMetric, trend } from './format.js';
import type { ShownList, ShownQuery } from './report.js';

/** A query as a card: what it is and how well it did, its picture, then RR above RR_upd in the same columns, then what was missed. */
export function queryRow(shown: ShownQuery, context: CellContext): string {
  const texts = context.album.of(shown.query) === undefined && shown.query.text !== undefined;
  const missed = shown.missed.map((item) => missedCell(item, context)).join('');
  return `<article class="card${texts ? ' texts' : ''}">
<header><h3>Query #${shown.row}</h3>${facts(shown)}</header>
<div class="row">
<div class="who">${queryCell(shown.query, context)}</div>
<div class="lists">${shown.lists.map((list) => retrievedList(list, shown.numRelevant, context)).join('')}</div>
${missed && `<div class="lost"><h4>Not retrieved</h4><div class="cells">${missed}</div></div>`}
</div>
</article>`;
}

function facts({ queryId, category, numRelevant, value }: ShownQuery): string {
  const parts = [
    queryId === undefined ? '' : fact('id', queryId),
    category === undefined ? '' : fact('category', category),
    numRelevant === undefined ? '' : fact('relevant', formatCount(numRelevant)),
  ];
  if (!value) return parts.join('');
  const change = value.baseline === undefined ? undefined : difference(value.value, value.baseline);
  const changed = change === undefined ? '' : ` <span class="${trend(value.metric, change) ?? 'same'}">${formatDifference(change)}</span>`;
  return `${parts.join('')}<span class="score">${escapeHtml(value.metric)} <b>${formatMetric(value.value)}</b>${changed}</span>`;
}

function fact(name: string, value: string): string {
  return `<span class="fact" title="${escapeHtml(value)}">${name} <b dir="auto">${escapeHtml(excerpt(value, 60))}</b></span>`;
}

function retrievedList(list: ShownList, numRelevant: number | undefined, context: CellContext): string {
  const cells = list.items.map((item) => retrievedCell(item, context)).join('');
  const body = list.retrieved === 0 ? '<p class="empty">nothing retrieved</p>' : `<div class="cells">${cells}</div>`;
  return `<section><h4>${escapeHtml(list.title)} <span>${summary(list, numRelevant)}</span></h4>${body}</section>`;
}

/** How the whole list did, of which only the beginning is shown. */
function summary({ retrieved, hits, firstCorrect }: ShownList, numRelevant: number | undefined): string {
  if (retrieved === 0) return '';
  const parts = [`${formatCount(retrieved)} retrieved`];
  if (hits !== undefined && numRelevant !== undefined) {
    parts.push(numRelevant === 0 ? 'no relevant items exist' : `${formatCount(hits)} of ${formatCount(numRelevant)} relevant`);
    if (firstCorrect !== undefined) parts.push(`first at rank ${formatCount(firstCorrect)}`);
  }
  return parts.join(' · ');
}
