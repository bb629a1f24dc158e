import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installIn } from '../support/installed.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const PAGE = 'docs/postprocessing-embeddings.md';
const folder = temporaryFolder();
const { bash, node } = installIn(folder);

beforeAll(async () => {
  // More dimensions than the 64 that the page keeps.
  const { vectors, label } = clusters(240, 20, 70, 2, 3);
  await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, { label }));
  await writeTable(join(folder, 'q.parquet'), embeddingTable(vectors.slice(0, 60), { label: label.slice(0, 60) }));
  await writeTable(join(folder, 'g.parquet'), embeddingTable(vectors.slice(60), { label: label.slice(60) }));
});

describe(PAGE, () => {
  it('shows commands that run as they stand, one after the other', async () => {
    const blocks = readmeBlocks('bash', PAGE);
    expect(blocks).toHaveLength(2);
    const { status, stdout, stderr } = await bash(blocks.join(''));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('RR -> k-reciprocal(k1=6, k2=3, lambda=0.3) -> RR_upd');
    expect(stdout).toContain('embeddings -> pca-whitening(dim=64, normalise=true) -> alpha-query-expansion(n=5, alpha=3) -> search');
  });

  it.each(readmeBlocks('ts', PAGE).map((block, i) => [i + 1, block]))('shows code that runs: block %i', async (_, block) => {
    const { status, stdout, stderr } = await node(block as string);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/'map@100': 0\.\d/);
  });

  it('shows code', () => expect(readmeBlocks('ts', PAGE)).toHaveLength(2));
});
