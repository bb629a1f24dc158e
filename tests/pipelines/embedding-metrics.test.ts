import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingMetrics, type EmbeddingMetricsOptions, runEvaluate } from '../../pipelines/index.js';
import { UserError } from '../../src/data/errors.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import { itemsFrom, type PlainColumns } from '../../src/datasets/item-table.js';
import type { QueryMetric } from '../../src/metrics/metric.js';
import { parseChain } from '../../src/postprocess/registry.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();

/** The items of generate_embedding_metrics.py. */
const ITEMS = 70;
const { vectors, label } = clusters(ITEMS, 12, 6, 5);
const rows = label.map((_, row) => row);
const is_query = rows.map((row) => row % 7 !== 4);
const is_gallery = rows.map((row) => row % 5 !== 3);
const extra = {
  category: label.map((one) => ['cats', 'dogs', 'birds'][one % 3]),
  sequence: rows.map((row) => `clip ${Math.floor(row / 24)}-${row % 7}`),
};
const items: PlainColumns = { label, is_query, is_gallery, ...extra };

const opened = (columns: PlainColumns, options: EmbeddingMetricsOptions = {}) =>
  new EmbeddingMetrics(columns, { device: 'cpu', threads: 1, ...options });
const filled = (columns: PlainColumns, options?: EmbeddingMetricsOptions) => {
  const metrics = opened(columns, options);
  metrics.update(vectors, rows);
  return metrics;
};
const lasting = ({ seconds: _, postprocess, ...results }: Awaited<ReturnType<EmbeddingMetrics['compute']>>) => ({
  ...results,
  postprocess: postprocess.map(({ seconds: __, ...step }) => step),
});

interface GoldenCase {
  readonly name: string;
  readonly columns: readonly (keyof typeof extra)[];
  readonly arguments: Readonly<Record<string, number[] | boolean>>;
  readonly with?: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
const golden: GoldenCase[] = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/metrics/embedding-metrics.json'), 'utf8'));
const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

describe('EmbeddingMetrics', () => {
  it.each(golden)('gives what OML gives: $name', async ({ columns, values, with: spec, ...given }) => {
    const postprocessors = spec === undefined ? [] : await parseChain(spec);
    const options = Object.fromEntries(Object.entries(given.arguments).map(([name, value]) => [camel(name), value]));
    const own = { label, is_query, is_gallery, ...Object.fromEntries(columns.map((name) => [name, extra[name]])) };
    const { metrics, by, warnings } = await filled(own, { ...options, postprocessors }).compute();
    const { OVERALL, ...groups } = values;
    const near = (got: Readonly<Record<string, number | null>>, wanted: Readonly<Record<string, number>>) => {
      expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
      for (const [name, value] of Object.entries(wanted))
        expect(Math.abs(got[name]! - value), `${name}: ${got[name]}, OML has ${value}`).toBeLessThan(1e-6);
    };
    near(metrics, OVERALL);
    expect(Object.keys(by.category ?? {}).sort()).toEqual(Object.keys(groups).sort());
    for (const [category, wanted] of Object.entries(groups)) near(by.category[category], wanted);
    expect(warnings).toEqual(warnings.filter((warning) => warning.startsWith('fnmr@fmr=') && warning.endsWith('dependent on k')));
    expect(warnings).toHaveLength('fmr_vals' in given.arguments ? 1 : 0);
  });

  it('gives what runEvaluate gives of the same embeddings, to the bit, with baseline and steps', async () => {
    const table = await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, items));
    const metrics = 'cmc@5,precision@5,map@5,fnmr@fmr=0.2,pcf@0.5,AP,nDCG@10';
    const spec = 'adaptive:4 | constant:1.3';
    const gallery = is_gallery.filter(Boolean).length;
    const evaluated = await runEvaluate({
      items: table,
      metrics,
      k: gallery,
      by: ['category'],
      with: [spec],
      pairs: 'retrieved',
      device: 'cpu',
    });
    const own = filled(items, { fmrVals: [0.2], metrics: 'AP,nDCG@10', postprocessors: await parseChain(spec) });
    const computed = await own.compute();
    expect(lasting(computed)).toEqual(lasting(evaluated));
    expect(computed.baseline?.metrics['cmc@5']).toBeGreaterThan(0);
    expect(lasting(await own.compute())).toEqual(lasting(computed));
  });

  it('is the same whatever the order, the batches and the items that come twice', async () => {
    const wanted = lasting(await filled(items).compute());
    const orders = fc.tuple(
      fc.shuffledSubarray(rows, { minLength: ITEMS }),
      fc.array(fc.nat({ max: ITEMS - 1 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: ITEMS }),
      fc.constantFrom('nested', 'flat', 'float64'),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ([order, again, size, form]) => {
        const metrics = opened(items);
        const all = [...order, ...again];
        for (let at = 0; at < all.length; at += size) {
          const indices = all.slice(at, at + size);
          const batch = indices.map((row) => vectors[row]);
          if (form === 'nested') metrics.update(batch, indices);
          else
            metrics.update(form === 'flat' ? Float32Array.from(batch.flat()) : Float64Array.from(batch.flat()), Int32Array.from(indices));
        }
        expect(lasting(await metrics.compute())).toEqual(wanted);
      }),
      { numRuns: 12 },
    );
  });

  it('starts anew with setup, in another dimension too', async () => {
    const metrics = filled(items);
    const before = lasting(await metrics.compute());
    metrics.setup();
    await expect(metrics.visualize()).rejects.toThrow('call compute() first');
    for (const row of rows) metrics.update([vectors[row].slice(0, 2)], [row]);
    expect(lasting(await metrics.compute()).metrics['cmc@5']).not.toBe(before.metrics['cmc@5']);
    metrics.setup();
    metrics.update(vectors, rows);
    expect(lasting(await metrics.compute())).toEqual(before);
  });

  it('computes what there was when the next pass begins meanwhile', async () => {
    const metrics = filled(items);
    const running = metrics.compute();
    metrics.setup();
    metrics.update([vectors[1]], [0]);
    expect(lasting(await running)).toEqual(lasting(await filled(items).compute()));
    await expect(metrics.visualize()).rejects.toThrow('call compute() first');
  });

  it('searches all against all without flags, and retrieves no more than is looked at', async () => {
    const k = async (options: EmbeddingMetricsOptions) => (await filled({ label }, options).compute()).k;
    expect((await filled({ label }).compute()).queries).toBe(ITEMS);
    expect(await k({})).toBe(5);
    expect(await k({ cmcTopK: [1, 7] })).toBe(7);
    expect(await k({ metrics: 'P@9' })).toBe(9);
    expect(await k({ metrics: 'RR' })).toBe(ITEMS);
    expect(await k({ fmrVals: [0.1] })).toBe(ITEMS);
    expect(await k({ postprocessors: await parseChain('mmr:0.5@8') })).toBe(8);
    expect(await k({ postprocessors: await parseChain('mmr:0.5@8 | top:3') })).toBe(ITEMS);
    expect(await k({ cmcTopK: [], precisionTopK: [], mapTopK: [] })).toBe(1);
  });

  it('takes metrics of one own, and keeps an embedding that differs by rounding as it came first', async () => {
    const found: QueryMetric = {
      name: 'found',
      reduce: 'sum',
      score: ({ numRelevant }, out) => {
        for (let q = 0; q < out.length; q++) out[q] = numRelevant[q];
      },
    };
    const metrics = opened(items, { metrics: ['cmc@1', found], cmcTopK: [], precisionTopK: [], mapTopK: [], pcfVariance: [] });
    metrics.update(vectors, rows);
    metrics.update(
      vectors.map((vector) => vector.map((x) => x * 1.001)),
      rows,
    );
    const { metrics: values } = await metrics.compute();
    expect(Object.keys(values)).toEqual(['cmc@1', 'found']);
    expect(values).toEqual(
      (await filled(items, { metrics: ['cmc@1', found], cmcTopK: [], precisionTopK: [], mapTopK: [], pcfVariance: [] }).compute()).metrics,
    );
  });
});

describe('EmbeddingMetrics shows', () => {
  const titles = (html: string) => [...html.matchAll(/<section id="s\d+"><h2>(.*?)<\/h2>/g)].map(([, title]) => title);

  it('the 5 worst queries by each metric, with texts of the table', async () => {
    const metrics = filled({ ...items, text: rows.map((row) => `item ${row}`) }, { metricsToExcludeFromVisualization: ['map'] });
    const { metrics: values } = await metrics.compute();
    const html = await metrics.visualize();
    expect(titles(html)).toEqual(['Worst queries by cmc@5', 'Worst queries by precision@5']);
    expect(html.match(/<h3>Query #\d+/g)).toHaveLength(10);
    expect(html).toMatch(/item \d+/);
    expect(values['cmc@5']).toBeLessThan(1);
    expect(await metrics.visualize()).toBe(html);
  });

  it('those of each category where it is asked to, and items as their dataset shows them', async () => {
    const seen = new Set<number>();
    const dataset = {
      modality: 'own',
      size: ITEMS,
      preparation: {},
      load: async () => undefined,
      collate: () => ({}),
      contentHash: async () => '',
      visualize: async (row: number) => {
        seen.add(row);
        return `<b>${is_query[row] ? 'q' : '-'}${is_gallery[row] ? 'g' : '-'} ${label[row]}</b>`;
      },
    } satisfies Dataset;
    const metrics = filled(items, { dataset, visualizeOnlyOverallCategory: false, precisionTopK: [], mapTopK: [] });
    await metrics.compute();
    const html = await metrics.visualize();
    expect(titles(html).sort()).toEqual(
      ['', ', category birds', ', category cats', ', category dogs'].map((of) => `Worst queries by cmc@5${of}`),
    );
    for (const article of html.split('<article').slice(1)) {
      const [query, ...retrieved] = [...article.matchAll(/<b>([q-])([g-]) \d+<\/b>/g)];
      expect(query[1]).toBe('q');
      expect(retrieved.length).toBeGreaterThanOrEqual(5);
      for (const [, , flag] of retrieved) expect(flag).toBe('g');
    }
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('EmbeddingMetrics refuses', () => {
  const message = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as UserError).message;
    }
    return 'nothing';
  };

  it('an incomplete set, whatever came twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...rows), { minLength: 1 }), async (missing) => {
        const metrics = opened(items);
        const there = rows.filter((row) => !missing.includes(row));
        const twice = [...there, ...there];
        metrics.update(
          twice.map((row) => vectors[row]),
          twice,
        );
        await expect(metrics.compute()).rejects.toThrow(
          `memory: embeddings of ${there.length} of ${ITEMS} items are there, and metrics need all; the first that is missing is that of item ${Math.min(...missing)}`,
        );
      }),
      { numRuns: 30 },
    );
  });

  const first = vectors[0];
  const bad: [string, (metrics: EmbeddingMetrics) => void, string][] = [
    ['an index beyond', (m) => m.update([first], [ITEMS]), 'memory: there is no item 70; the indices of 70 items are 0 to 69'],
    ['a negative index', (m) => m.update([first], [-1]), 'memory: there is no item -1'],
    ['half an index', (m) => m.update([first], [0.5]), 'memory: there is no item 0.5'],
    ['NaN', (m) => m.update([first, [1, Number.NaN, 3, 4, 5, 6]], [0, 9]), 'memory, item 9: the embedding is not finite in float32'],
    ['what is beyond float32', (m) => m.update([[1, 1e39, 3, 4, 5, 6]], [9]), 'memory, item 9: the embedding is not finite'],
    ['another dimension', (m) => m.update([[1, 2]], [3]), 'memory: embeddings of dimension 2, but 6 before'],
    ['ragged embeddings', (m) => m.update([first, [1, 2]], [3, 4]), 'memory: an embedding of 2 numbers in a batch whose first has 6'],
    ['embeddings of nothing', (m) => m.update([[], []], [3, 4]), 'memory: an embedding of 0 numbers'],
    ['too few numbers', (m) => m.update(Float32Array.of(1, 2, 3), [3, 4]), 'memory: 3 numbers are not the embeddings of 2 items'],
    ['numbers without indices', (m) => m.update(Float32Array.of(1, 2, 3), []), 'memory: 3 numbers are not the embeddings of 0 items'],
    ['too few embeddings', (m) => m.update([first], [3, 4]), 'memory: 1 embeddings come with 2 indices'],
    ['another embedding', (m) => m.update([vectors[1]], [2]), 'memory, item 2: its embedding came before, and differs from this one by '],
    ['two in one batch', (m) => m.update([first, vectors[1]], [5, 5]), 'memory, item 5: its embedding came before'],
  ];
  it.each(bad)('%s, and takes nothing of the batch', async (_, update, wanted) => {
    const metrics = opened(items);
    metrics.update(vectors.slice(2, 3), [2]);
    expect(message(() => update(metrics))).toContain(wanted);
    await expect(metrics.compute()).rejects.toThrow('embeddings of 1 of 70 items are there');
    metrics.update(vectors, rows);
    expect(lasting(await metrics.compute())).toEqual(lasting(await filled(items).compute()));
  });

  it('embeddings of the next pass without setup', async () => {
    const metrics = filled(items);
    await metrics.compute();
    expect(message(() => metrics.update(vectors, rows))).toBe('memory: compute() was called; call setup() before the next embeddings');
  });

  const tables: [string, PlainColumns, EmbeddingMetricsOptions, string][] = [
    ['no labels', { is_query, is_gallery }, {}, 'memory: no column "label" (there are: is_query, is_gallery), and metrics need labels'],
    ['one flag', { label, is_query }, {}, 'memory: column "is_query" without "is_gallery"'],
    ['no queries', { label, is_query: rows.map(() => false), is_gallery }, {}, 'memory: no item has is_query'],
    ['a flag that is none', { label, is_query: rows, is_gallery }, {}, 'memory, row 2, column "is_query": 2 is no flag'],
    ['columns of two lengths', { label, is_query: [true] }, {}, 'memory: column "is_query" has 1 values, but "label" has 70'],
    ['two types', { label: ['a', 1] }, {}, 'memory, column "label": its values are of the types string and number'],
    ['an unknown category', items, { by: ['categori'] }, 'no column "categori" to group by'],
    ['a wrong k', items, { cmcTopK: [0] }, 'metric cmc@0'],
    ['an unknown metric', items, { metrics: 'ndcg@5' }, 'unknown metric "ndcg@5"; did you mean "nDCG@5"?'],
    ['no metric', items, { cmcTopK: [], precisionTopK: [], mapTopK: [], pcfVariance: [] }, 'no metric is named'],
    ['an unknown name not to show', items, { metricsToExcludeFromVisualization: ['cmc@6'] }, '"cmc@6" is not computed'],
  ];
  it.each(tables)('%s, before the loop', (_, columns, options, wanted) => {
    expect(message(() => opened(columns, options))).toContain(wanted);
  });

  it('a post-processor that lacks what it looks at, and a dataset of another size, before the loop', async () => {
    const postprocessors = await parseChain('collapse:shop');
    expect(message(() => opened(items, { postprocessors }))).toContain('no column "shop" for collapse');
    const dataset = { size: 3 } as Dataset;
    expect(message(() => opened(items, { dataset }))).toBe('memory: the dataset has 3 items, but the table 70');
  });

  it('a table by its name', () => {
    expect(message(() => new EmbeddingMetrics(itemsFrom({ text: ['a'] }, 'items.csv')))).toContain('items.csv: no column "label"');
  });
});
