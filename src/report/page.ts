import { escapeHtml } from '../data/escape.js';
import { type Frame, MARKS } from './cell.js';
import { formatStep, setup, stepEffect } from './format.js';
import type { PostprocessStep, Results } from './results.js';
import { STYLE } from './style.js';

/** Nothing may be loaded and nothing may run, whatever the data says: pictures and sounds are data URIs, styles stand in the page. */
const POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export interface PageParts {
  readonly title: string;
  readonly results: Results;
  /** Warnings of the results and of the report itself. */
  readonly warnings: readonly string[];
  /** Headings of the sections after the metrics; section i has the id `s<i>`. */
  readonly sections: readonly string[];
  /** SVG symbols of the pictures. */
  readonly symbols: string;
  /** HTML of everything beneath the header. */
  readonly body: string;
}

/** The whole page around its body: header with the set-up, navigation, warnings, footer. */
export function page({ title, results, warnings, sections, symbols, body }: PageParts): string {
  const facts = setup(results).map(
    ([name, value]) => `<div><dt>${name === 'k' ? 'k' : capital(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const links = ['<a href="#metrics">Metrics</a>', ...sections.map((name, i) => `<a href="#s${i}">${escapeHtml(name)}</a>`)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="generator" content="rankstream">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<svg class="sprite" aria-hidden="true">${symbols}</svg>
<header class="top"><div>
<p class="brand">Retrieval report</p>
<h1 dir="auto">${escapeHtml(title)}</h1>
<dl class="facts">${facts.join('')}</dl>
${chains(results)}
${sections.length > 0 ? `<nav aria-label="Sections">${links.join('')}</nav>` : ''}
</div></header>
<main>
${warningList(warnings)}
${body}
</main>
<footer>${results.postprocess.length > 0 ? 'RR: retrieval results before post-processing. RR_upd: after it. ' : ''}Made with rankstream.</footer>
</body>
</html>
`;
}

/** What the frames mean. @param frames those that the page shows */
export function legend(frames: ReadonlySet<Frame>): string {
  const meaning: [Frame, string][] = [
    ['query', 'query'],
    ['correct', 'correct'],
    ['wrong', 'wrong'],
    ['unknown', 'no ground truth'],
    ['missed', 'relevant, but not retrieved'],
  ];
  const shown = meaning.filter(([frame]) => frames.has(frame));
  return `<ul class="legend" aria-label="Legend">${shown
    .map(([frame, text]) => `<li class="${frame}"><i aria-hidden="true">${MARKS[frame]}</i>${text}</li>`)
    .join('')}</ul>`;
}

/** What was done to the embeddings, then to the results. */
function chains({ transform = [], postprocess }: Results): string {
  return chain('Transforms of the embeddings', 'embeddings', transform, 'search') + chain('Post-processing', 'RR', postprocess, 'RR_upd');
}

function chain(label: string, from: string, steps: readonly PostprocessStep[], to: string): string {
  if (steps.length === 0) return '';
  const items = steps
    .map((step) => {
      const effect = stepEffect(step);
      const did = effect.length > 0 ? `<span class="effect">${escapeHtml(effect.join(', '))}</span>` : '';
      return `<li>${escapeHtml(formatStep(step))}${did}</li>`;
    })
    .join('');
  return `<ol class="chain" aria-label="${label}"><li class="state">${from}</li>${items}<li class="state">${to}</li></ol>`;
}

function warningList(warnings: readonly string[]): string {
  if (warnings.length === 0) return '';
  const items = warnings.map((warning) => `<li>${escapeHtml(warning)}</li>`).join('');
  return `<aside class="warnings"><h2>${warnings.length === 1 ? 'Warning' : 'Warnings'}</h2><ul>${items}</ul></aside>`;
}

function capital(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}
