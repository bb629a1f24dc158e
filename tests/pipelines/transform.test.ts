import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import { runMerge } from '../../pipelines/merge.js';
import { runSearch } from '../../pipelines/search.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const { vectors, label } = clusters(80, 8, 6);
const items = await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, { label }));
const common = { items, k: 10, metrics: 'map@5', threads: 1, device: 'cpu' as const };

describe('--transform', () => {
  it('changes what is searched, and stands in the results', async () => {
    const out = join(folder, 'metrics.json');
    const plain = await runEvaluate(common);
    expect(plain.transform).toBeUndefined();
    const changed = await runEvaluate({ ...common, transform: ['pca:4', 'qe:n=3'], out });
    const steps = [
      { name: 'pca-whitening', params: { dim: 4, normalise: true } },
      { name: 'alpha-query-expansion', params: { n: 3, alpha: 3 } },
    ];
    expect(changed.transform).toMatchObject(steps);
    for (const { seconds } of changed.transform ?? []) expect(seconds).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(out, 'utf8')).transform).toEqual(steps);
    expect(changed.metrics).not.toEqual(plain.metrics);
    expect((await runEvaluate({ ...common, batch: 7, transform: ['pca:4 | qe:n=3'] })).metrics).toEqual(changed.metrics);
    const file = join(folder, 'rr.arrow');
    await runSearch({ items, k: 10, threads: 1, device: 'cpu', transform: ['pca:4', 'qe:n=3'], out: file });
    for await (const rr of readRetrieval(file)) expect(rr.info.gallerySize).toBe(80);
  });

  it('stands in the table, with seconds, and in the report, without', async () => {
    const report = join(folder, 'r.html');
    const args = ['evaluate', items, '--k', '10', '--metrics', 'map@5', '--transform', 'pca:4 | qe:n=3', '--report', report];
    const { stdout, stderr } = await rankstream(args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /\nembeddings -> pca-whitening\(dim=4, normalise=true\) -> alpha-query-expansion\(n=3, alpha=3\) -> search\n {2}pca-whitening: \d\.\d s\n {2}alpha-query-expansion: \d\.\d s\n/,
    );
    const html = readFileSync(report, 'utf8');
    expect(html).toContain(
      '<li class="state">embeddings</li><li>pca-whitening(dim=4, normalise=true)</li><li>alpha-query-expansion(n=3, alpha=3)</li>',
    );
  });

  it('goes before k-reciprocal re-ranking, which sees the changed vectors', async () => {
    const again = async (transform: string[]) => (await runEvaluate({ ...common, transform, with: ['k-reciprocal:k1=6,k2=3'] })).metrics;
    const results = await runEvaluate({ ...common, transform: ['dba:n=4'], with: ['k-reciprocal:k1=6,k2=3'] });
    expect(results.postprocess[0]).toMatchObject({ name: 'k-reciprocal', params: { k1: 6, k2: 3, lambda: 0.3 } });
    expect(results.metrics).toEqual(await again(['dba:n=4']));
    expect(results.metrics).not.toEqual(await again([]));
  });

  it('is part of what saved states must have in common', async () => {
    const [a, b] = ['a', 'b'].map((name) => join(folder, name));
    await runEvaluate({ ...common, transform: ['qe:n=3'], saveState: a });
    await runEvaluate({ ...common, saveState: b });
    expect((await runMerge({ inputs: [a] })).transform).toEqual([{ name: 'alpha-query-expansion', params: { n: 3, alpha: 3 } }]);
    await expect(runMerge({ inputs: [a, b] })).rejects.toThrow(
      'embeddings transformed by [] instead of [["alpha-query-expansion",{"n":3,"alpha":3}]]',
    );
  });

  it('says what is wrong before the long work', async () => {
    await expect(runEvaluate({ ...common, transform: ['pcx'] })).rejects.toThrow('unknown transform "pcx"');
    await expect(runEvaluate({ ...common, transform: ['pca:7'] })).rejects.toThrow('vary in 6 dimensions, not in 7; ask for at most 6');
    await expect(runEvaluate({ ...common, distance: 'ip', with: ['k-reciprocal'] })).rejects.toThrow('distance l2 or cosine, not of ip');
  });
});
