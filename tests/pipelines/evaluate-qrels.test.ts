import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import { runMetrics } from '../../pipelines/metrics.js';
import { readRetrieval, writeRun } from '../../src/io/index.js';
import { refusal } from '../io/support.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const METRICS = 'cmc@1,precision@5,map@10,AP,RR,R@5,nDCG@10,Judged@10';

const { vectors, label } = clusters(48, 6, 5);
const id = label.map((_, row) => `item ${row}`.replace(' ', '-'));
/** Every other item is one shot of two. */
const sequence = label.map((_, row) => (row % 4 < 2 ? Math.floor(row / 4) : null));

/** Qrels as lines: every pair, with the gain of `gainOf` where it has one. */
function qrels(gainOf: (query: number, document: number) => number | undefined): string {
  const lines = id.flatMap((query, q) =>
    id.flatMap((document, d) => {
      const gain = gainOf(q, d);
      return gain === undefined ? [] : [`${query} 0 ${document} ${gain}`];
    }),
  );
  return `${lines.join('\n')}\n`;
}

beforeAll(async () => {
  await writeTable(at('labelled.parquet'), embeddingTable(vectors, { id, label, sequence }));
  await writeTable(at('items.parquet'), embeddingTable(vectors, { id, sequence }));
  await writeTable(at('plain.parquet'), embeddingTable(vectors, { id }));
  await writeTable(at('nameless.parquet'), embeddingTable(vectors));
  writeFileSync(
    at('as-labels.txt'),
    qrels((q, d) => (label[q] === label[d] ? 1 : 0)),
  );
  // Graded, incomplete, with documents that the gallery lacks and queries that there are not; odd queries are not judged.
  const graded = qrels((q, d) =>
    q % 2 === 1 || (q + d) % 3 === 0 || q === d ? undefined : label[q] === label[d] ? 1 + (d % 3) : d % 2 ? 0 : -1,
  );
  writeFileSync(at('graded.txt'), graded);
  writeFileSync(at('more.txt'), `${graded}item-0 0 elsewhere 3\nnobody 0 item-1 1\n`);
  writeFileSync(at('other.txt'), 'item-0 0 elsewhere 1\n');
  writeFileSync(at('queryless.txt'), 'nobody 0 item-1 1\n');
});

describe('evaluate --qrels', () => {
  it('says what labels say where it judges as labels do, the own item and the sequence left out', async () => {
    const byLabels = await runEvaluate({ items: at('labelled.parquet'), metrics: METRICS });
    const byQrels = await runEvaluate({ items: at('items.parquet'), metrics: METRICS, qrels: at('as-labels.txt') });
    expect(byQrels.metrics).toEqual(byLabels.metrics);
    expect(byQrels.queries).toBe(48);
    expect(byQrels.warnings).toEqual([]);
    // Labels that contradict it count no more.
    const both = await runEvaluate({ items: at('labelled.parquet'), metrics: METRICS, qrels: at('graded.txt') });
    expect(both.metrics).toEqual((await runEvaluate({ items: at('items.parquet'), metrics: METRICS, qrels: at('graded.txt') })).metrics);
    expect(both.metrics).not.toEqual(byLabels.metrics);
  });

  it('agrees with the same results written as a run and judged by the same qrels', async () => {
    const options = { items: at('plain.parquet'), metrics: METRICS, qrels: at('graded.txt'), results: at('rr.arrow') };
    const evaluated = await runEvaluate(options);
    expect(evaluated.queries).toBe(24);
    const { warnings } = await writeRun(at('run.txt.gz'), readRetrieval(at('rr.arrow')), {
      runId: 'ours',
      documents: { id: (row) => id[row] },
    });
    expect(warnings).toEqual([]);
    const measured = await runMetrics({ run: at('run.txt.gz'), qrels: at('graded.txt'), metrics: METRICS });
    expect(measured.metrics).toEqual(evaluated.metrics);
    // And with the saved results, which carry the judgements.
    expect((await runMetrics({ inputs: [at('rr.arrow')], metrics: METRICS })).metrics).toEqual(evaluated.metrics);
  });

  it('counts what it leaves out', async () => {
    const { metrics, warnings } = await runEvaluate({ items: at('plain.parquet'), metrics: METRICS, qrels: at('more.txt') });
    expect(warnings.filter((warning) => warning.includes('more.txt'))).toEqual([
      `queries left out, because not in ${at('more.txt')}: 24`,
      `queries of ${at('more.txt')} that are not among those searched: 1`,
      `judged documents of ${at('more.txt')} that the gallery lacks, and that count as nothing: 1`,
    ]);
    expect(metrics).toEqual((await runEvaluate({ items: at('plain.parquet'), metrics: METRICS, qrels: at('graded.txt') })).metrics);
  });

  it.each([
    ['nameless.parquet', 'as-labels.txt', 'no column "id", by which qrels call queries and gallery items'],
    ['plain.parquet', 'other.txt', 'none of its ids ("item-0", ...) is judged in '],
    ['plain.parquet', 'queryless.txt', 'none of its queries is in '],
    ['plain.parquet', 'plain.parquet', 'it looks like Parquet'],
  ])('refuses %s with %s', async (items, file, message) => {
    expect(await refusal(() => runEvaluate({ items: at(items), qrels: at(file) }))).toContain(message);
  });
});
