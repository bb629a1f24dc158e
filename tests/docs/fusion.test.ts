import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NORMALISATIONS, parseFusion } from '../../src/postprocess/fusion/index.js';
import { parsePostprocessor } from '../../src/postprocess/registry.js';
import { CLI, run } from '../support/cli.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const page = readFileSync(new URL('../../docs/fusion.md', import.meta.url), 'utf8');
/** What stands in bold at the head of the list entries of a section. */
const heads = (section: string) =>
  [...(page.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^- .*$/gm)].flatMap(([entry]) =>
    [...entry.matchAll(/\*\*([\w-]+)\*\*(?=[^*]*: |,)/g)].map(([, name]) => name),
  );

beforeAll(async () => {
  for (const [name, seed] of [['image', 2] as const, ['text', 3] as const]) {
    const { vectors, label } = clusters(80, 5, 6, seed, 1.2);
    await writeTable(join(folder, `${name}.parquet`), embeddingTable(vectors, { label, id: label.map((_, row) => `q${row}`) }));
  }
  // The command as an installed package has it.
  writeFileSync(join(folder, 'rankstream'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(join(folder, 'rankstream'), 0o755);
});

describe('docs/fusion.md', () => {
  it('shows commands that run as they stand, one after the other', async () => {
    const blocks = readmeBlocks('bash', 'docs/fusion.md');
    expect(blocks).toHaveLength(3);
    const script = `set -e\nPATH="${folder}:$PATH"\n${blocks.join('')}`;
    const { status, stdout, stderr } = await run('bash', ['-c', script], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('B  both.arrow');
    expect(stdout).toMatch(/for map@10: \S+ fitted, \S+ held out \(5 folds\), \S+ with equal weights/);
    expect(stdout).toContain('RR -> mmr(lambda=0.7, topN=20) -> collapse(column=label) -> RR_upd');
  });

  it('names methods, normalisations and steps that there are', async () => {
    const methods = heads('Methods');
    expect(methods).toEqual(['rrf', 'sum', 'mnz', 'anz', 'max', 'min', 'med', 'isr', 'log-isr', 'logn-isr', 'rbc', 'borda', 'condorcet']);
    for (const method of methods) parseFusion(method);
    expect(heads('What makes scores comparable').sort()).toEqual(Object.keys(NORMALISATIONS).sort());
    const specs: Record<string, string> = { collapse: 'collapse:label', blend: 'blend:a.arrow@0.5' };
    const steps = heads('Steps of a chain');
    expect(steps).toHaveLength(8);
    for (const step of steps) expect((await parsePostprocessor(specs[step] ?? step)).name).toBe(step);
  });
});
