import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, run } from './support/cli.js';
import { readmeBlocks } from './support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from './support/tables.js';

describe('README', () => {
  it('shows code that runs as it stands, from an installed package', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
    const { vectors, label } = clusters(40, 4, 5);
    const table = embeddingTable(vectors, { label, category: label.map((l) => `c${l}`) });
    await writeTable(join(folder, 'g.parquet'), table);
    await writeTable(join(folder, 'q.parquet'), table);
    const snippets = readmeBlocks('ts');
    expect(snippets).toHaveLength(1);
    writeFileSync(join(folder, 'snippet.mjs'), snippets[0]);
    const { status, stdout, stderr } = await run(process.execPath, ['snippet.mjs'], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1 /);
    expect(stdout).toContain('c3');
  });

  it('names the test command that CI runs', () => {
    expect(readmeBlocks('bash')).toContain('npm test\n');
    expect(readFileSync(join(ROOT, '.ci/run'), 'utf8')).toContain('\nnpm test\nnpm run test:slow\n');
  });
});
