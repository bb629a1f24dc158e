import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLI, run } from '../support/cli.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();

beforeAll(async () => {
  for (const [name, noise] of [['small', 1.2] as const, ['large', 0.5] as const]) {
    const { vectors, label } = clusters(80, 5, 6, 2, noise);
    await writeTable(join(folder, `${name}.parquet`), embeddingTable(vectors, { label, id: label.map((_, row) => `q${row}`) }));
  }
  writeFileSync(join(folder, 'bm25.txt'), 'q1 Q0 d1 1 2 bm25\nq1 Q0 d2 2 1 bm25\nq2 Q0 d3 1 1 bm25\n');
  writeFileSync(join(folder, 'dense.txt'), 'q1 Q0 d2 1 2 dense\nq1 Q0 d1 2 1 dense\n');
  writeFileSync(join(folder, 'qrels.txt'), 'q1 0 d2 1\nq2 0 d3 1\n');
  // The command as an installed package has it.
  writeFileSync(join(folder, 'rankstream'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(join(folder, 'rankstream'), 0o755);
});

describe('docs/compare.md', () => {
  it('shows commands that run as they stand, one after the other', async () => {
    const blocks = readmeBlocks('bash', 'docs/compare.md');
    expect(blocks).toHaveLength(3);
    const script = `set -e\nPATH="${folder}:$PATH"\n${blocks.join('')}`;
    const { status, stdout, stderr } = await run('bash', ['-c', script], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('B  large.arrow');
    expect(stdout).toMatch(/ B {2}.*\*\*\*/);
    expect(stdout).toContain('- B: large-queries.parquet');
    expect(stdout).toContain('B  dense.txt');
    expect(JSON.parse(readFileSync(join(folder, 'comparison.json'), 'utf8')).queries).toBe(80);
  });

  it('explains every column of the table', async () => {
    const page = readFileSync(new URL('../../docs/compare.md', import.meta.url), 'utf8');
    const { COMPARE_COLUMNS } = await import('../../src/report/compare-cells.js');
    for (const column of COMPARE_COLUMNS) expect(page).toContain(`\n- **${column}**: `);
  });
});
