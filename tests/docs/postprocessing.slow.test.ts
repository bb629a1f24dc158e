import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { POSTPROCESSOR_NAMES } from '../../src/postprocess/registry.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { CLI, ROOT, run } from '../support/cli.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const PAGE = 'docs/postprocessing.md';
const folder = temporaryFolder();

async function bash(script: string) {
  return run('bash', ['-c', `set -e\nPATH="${folder}:$PATH"\n${script}`], { cwd: folder });
}

beforeAll(async () => {
  const { vectors, label } = clusters(60, 5, 6, 2, 1);
  const product = label.map((_, row) => (row % 9 === 0 ? null : `p${row % 20}`));
  await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, { label, product, id: label.map((_, row) => `q${row}`) }));
  writeModel(folder, 'model.onnx', pairGraph({ shape: [6] }));
  // The command as an installed package has it.
  writeFileSync(join(folder, 'rankstream'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(join(folder, 'rankstream'), 0o755);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
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
    writeFileSync(join(folder, 'example.mjs'), block);
    const { status, stdout, stderr } = await run(process.execPath, ['example.mjs'], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain("'map@5': 0.");
  });
});
