import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SET_FAMILIES } from '../../src/metrics/set-families.js';
import { ROOT, run } from '../support/cli.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const PAGE = 'docs/verification.md';

describe(PAGE, () => {
  it('lists every metric of pairs and of items', () => {
    const page = readFileSync(join(ROOT, PAGE), 'utf8');
    const rows = [...page.matchAll(/^\| `([^`]+)` /gm)].map((match) => match[1]);
    const forms = SET_FAMILIES.flatMap(({ name, usage }) => usage.split('|').map((form, i) => (i === 0 ? form : `${name}@${form}`)));
    expect(rows.sort()).toEqual(forms.sort());
  });

  it('shows code that runs as it stands', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
    const { vectors, label } = clusters(40, 4, 5);
    for (const side of ['g', 'q']) await writeTable(join(folder, `${side}.parquet`), embeddingTable(vectors, { label }));
    writeFileSync(join(folder, 'snippet.mjs'), readmeBlocks('ts', PAGE).join('\n'));
    const { status, stdout, stderr } = await run(process.execPath, ['snippet.mjs'], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(Number(lines[0])).toBeGreaterThan(0);
    expect(Number(lines[0])).toBeLessThan(0.5);
    expect(lines.at(-1)).toMatch(/ 1 1$/);
  });
});
