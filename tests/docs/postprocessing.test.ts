import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { POSTPROCESSOR_NAMES } from '../../src/postprocess/registry.js';
import { ROOT } from '../support/cli.js';

const page = readFileSync(join(ROOT, 'docs/postprocessing.md'), 'utf8');
/** The section of each step, by its name. */
const sections = new Map([...page.matchAll(/^### `(.+)`\n([\s\S]*?)(?=^##)/gm)].map((match) => [match[1], match[2]]));

describe('docs/postprocessing.md', () => {
  it('has a section for each post-processor and no other: when it helps, and an example', () => {
    expect([...sections.keys()].sort()).toEqual([...POSTPROCESSOR_NAMES].sort());
    for (const [name, section] of sections) {
      expect(section, name).toMatch(/helps/);
      expect(section, name).toMatch(new RegExp(`--with "?${name}\\b`));
      expect(page, name).toContain(`| \`${name}\` `);
    }
  });
});
