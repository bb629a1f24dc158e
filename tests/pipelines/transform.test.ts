import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import { runMerge } from '../../pipelines/merge.js';
import { runSearch } from '../../pipelines/search.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
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
    expect(changed.transform).toEqual([
      { name: 'pca-whitening', params: { dim: 4, normalise: true } },
      { name: 'alpha-query-expansion', params: { n: 3, alpha: 3 } },
    ]);
    expect(changed.metrics).not.toEqual(plain.metrics);
    expect((await runEvaluate({ ...common, batch: 7, transform: ['pca:4 | qe:n=3'] })).metrics).toEqual(changed.metrics);
    const file = join(folder, 'rr.arrow');
    await runSearch({ items, k: 10, threads: 1, device: 'cpu', transform: ['pca:4', 'qe:n=3'], out: file });
    for await (const rr of readRetrieval(file)) expect(rr.info.gallerySize).toBe(80);
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
