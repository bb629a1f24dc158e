import { modalityNames } from '../src/datasets/registry.js';
import { transformUsages } from '../src/embeddings/registry.js';
import { families } from '../src/metrics/registry.js';
import { SET_FAMILIES } from '../src/metrics/set-families.js';
import { postprocessorUsages } from '../src/postprocess/registry.js';

type Line = readonly [usage: string, about?: string];

/** What a config can name, section by section, with what was registered: `[a=1]` may be left out, and is then 1. */
export function registryText(pipelines: Readonly<Record<string, { readonly about: string }>>): string {
  const sections: Record<string, readonly Line[]> = {
    pipelines: Object.entries(pipelines).map(([name, { about }]) => [name, about]),
    metrics: [...families(), ...SET_FAMILIES].map(({ usage, about }) => [usage, about]),
    'post-processors (with)': postprocessorUsages().map((usage) => [usage]),
    'transforms of embeddings (transform)': transformUsages().map((usage) => [usage]),
    'modalities of items': modalityNames().map((name) => [name]),
  };
  return Object.entries(sections)
    .map(([title, lines]) => [title, ...aligned(lines)].join('\n'))
    .join('\n\n');
}

function aligned(lines: readonly Line[]): string[] {
  const width = Math.max(...lines.map(([usage]) => usage.length));
  return lines.map(([usage, about]) => `  ${about === undefined ? usage : `${usage.padEnd(width)}  ${about}`}`);
}
