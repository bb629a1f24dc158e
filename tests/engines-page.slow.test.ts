import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, rankstream, run } from './support/cli.js';
import { readmeBlocks } from './support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from './support/tables.js';

const PAGE = 'docs/engines.md';
const folder = temporaryFolder();

/** An index as FAISS is one: rows and squared distances, [queries x k]. */
const INDEX = `
import { Gallery, readEmbeddings } from 'rankstream';
const gallery = await Gallery.load(readEmbeddings('g.parquet'));
export async function ask(data, rows, k) {
  const [ids, distances] = [new BigInt64Array(rows * k), new Float32Array(rows * k)];
  for (let q = 0; q < rows; q++) {
    const x = data.subarray(q * gallery.dim, (q + 1) * gallery.dim);
    const all = Array.from({ length: gallery.size }, (_, row) => [gallery.vectors.row(row).reduce((sum, y, i) => sum + (x[i] - y) ** 2, 0), row]);
    all.sort((a, b) => a[0] - b[0]);
    for (let i = 0; i < k; i++) [distances[q * k + i], ids[q * k + i]] = [all[i][0], BigInt(all[i][1])];
  }
  return { ids, distances };
}`;

beforeAll(async () => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
  for (const scope of ['@tensorflow', '@electric-sql']) symlinkSync(join(ROOT, 'node_modules', scope), join(folder, 'node_modules', scope));
  const { vectors, label } = clusters(60, 4, 5);
  const table = embeddingTable(vectors, { label, id: label.map((_, row) => `sku-${row}`) });
  for (const name of ['g.parquet', 'q.parquet', 'items.parquet']) await writeTable(join(folder, name), table);
  writeFileSync(join(folder, 'my-index.mjs'), INDEX);
});

describe(PAGE, () => {
  const outputs = {
    fromTopK: /^(\{ 'cmc@1': 1, 'map@10': [\d.]+ \}\n)\1$/,
    HnswSearcher: /^\{ 'cmc@1': 1 \} \{ recall: 1, queries: 60 \}\n$/,
    openTfjs: /^tfjs-wasm true \{ 'cmc@1': 1 \}\n$/,
    openPgvector: /^pgvector \{ 'cmc@1': 1 \}\n$/,
  };
  const snippets = readmeBlocks('ts', PAGE);

  it('has a snippet for each engine', () => {
    expect(snippets).toHaveLength(Object.keys(outputs).length);
  });

  it.each(Object.entries(outputs))('shows code with %s that runs as it stands', async (name, output) => {
    const snippet = snippets.find((text) => text.includes(name)) as string;
    writeFileSync(join(folder, `${name}.mjs`), snippet);
    const { status, stdout, stderr } = await run(process.execPath, [`${name}.mjs`], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(output);
  });

  it('shows commands that run as they stand', async () => {
    const commands = readmeBlocks('bash', PAGE).flatMap((block) => block.trim().split('\n'));
    const said = [];
    for (const command of commands) {
      const [name, ...args] = command.split(' ');
      expect(name).toBe('rankstream');
      const { status, stdout, stderr } = await rankstream(args, { cwd: folder });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      said.push(stdout);
    }
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('engine hnsw (recall 1.0000 on 60 queries)');
    expect(said[1]).toBe('60 queries searched by hnsw (recall 1.0000 on 60 queries), results in rr.arrow\n');
  });
});
