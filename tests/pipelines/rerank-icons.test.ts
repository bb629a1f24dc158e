import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/index.js';
import type { ItemTensors } from '../../src/data/context.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { collect } from '../io/support.js';
import { ROOT } from '../support/cli.js';
import { rasterise } from '../support/rasterise.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const icons = join(ROOT, 'node_modules/@phosphor-icons/core/assets/regular');
const path = readdirSync(icons).slice(0, 24);

describe('re-ranking icons by the siamese model of the zoo', () => {
  it('gives from SVG files what it gives from the drawings that it was trained on', async () => {
    const { vectors, label } = clusters(path.length, 4, 3, 5);
    const items = join(folder, 'icons.parquet');
    await writeTable(items, embeddingTable(vectors, { label, path }));
    const drawings = await Promise.all(path.map((name) => rasterise(join(icons, name))));
    const tensor = async (row: number) => Float32Array.from(drawings[row], (value) => value / 255);
    const drawn: ItemTensors = { shape: [1, 64, 64], query: (rr, position) => tensor(rr.rows[position]), gallery: tensor };
    const reranked = async (given?: ItemTensors) => {
      const results = join(folder, 'rr.arrow');
      const options = { items, root: icons, with: ['rerank:icon-siamese@5'], metrics: 'cmc@1', k: 8, device: 'cpu', results } as const;
      await runEvaluate({ ...options, with: [...options.with] }, { items: given });
      return RetrievalResults.concat(await collect(readRetrieval(results)));
    };
    expect((await reranked()).equals(await reranked(drawn))).toBe(true);
  });
});
