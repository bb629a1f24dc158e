import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { POSTPROCESSOR_NAMES } from '../../src/postprocess/registry.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { scoreGraph } from '../models/text-graphs.js';
import { ROOT } from '../support/cli.js';
import { installIn } from '../support/installed.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const PAGE = 'docs/postprocessing.md';
const folder = temporaryFolder();
const { bash, node } = installIn(folder);

beforeAll(async () => {
  const { vectors, label } = clusters(60, 5, 6, 2, 1);
  const text = label.map((l, row) => `${['red dress', 'my password', 'headphones'][l % 3]} ${row}`);
  const product = label.map((_, row) => (row % 9 === 0 ? null : `p${row % 20}`));
  await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, { label, product, text, id: label.map((_, row) => `q${row}`) }));
  writeModel(folder, 'model.onnx', pairGraph({ shape: [6] }));
  writeModel(folder, 'cross-encoder.onnx', scoreGraph());
  copyFileSync(join(ROOT, 'tests/fixtures/text/bert.json'), join(folder, 'tokenizer.json'));
});

describe(PAGE, () => {
  it('shows commands that run as they stand, one after the other', async () => {
    const blocks = readmeBlocks('bash', PAGE);
    expect(blocks.length).toBeGreaterThan(POSTPROCESSOR_NAMES.length);
    const { status, stdout, stderr } = await bash(blocks.join(''));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('to use: --with "constant:threshold=');
    const tuned = JSON.parse(readFileSync(join(folder, 'tuned.json'), 'utf8'));
    expect(tuned).toMatchObject({ metric: 'map@5', points: 6, folds: 4, seed: 1, queries: 60, reads: 2 });
  }, 60_000);

  it('shows code that runs', async () => {
    await bash('rankstream search items.parquet --k 20 --out rr.arrow');
    const [block] = readmeBlocks('ts', PAGE);
    const { status, stdout, stderr } = await node(block);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain("'map@5': 0.");
  });
});
