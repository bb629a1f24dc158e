import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import type { GalleryItems } from '../src/data/gallery-items.js';
import { labelRelevance } from '../src/data/relevance.js';
import { RetrievalResults } from '../src/data/retrieval-results.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import { perQuery } from '../src/metrics/mean-metric.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import type { WorstQuery } from '../src/metrics/worst.js';
import type { ShowItem } from '../src/report/fragments.js';
import { renderReport } from '../src/report/html.js';
import type { ShownQuery } from '../src/report/report.js';
import type { Results } from '../src/report/results.js';
import { showQuery } from '../src/report/show.js';
import type { Kept } from './chain.js';
import { writeText } from './files.js';

export interface ReportInput {
  readonly title: string;
  readonly results: Results;
  readonly kept: Kept;
  readonly gallery: GalleryItems;
  readonly worstBy: QueryMetric;
  readonly worst: readonly WorstQuery[];
  /** Rows of the queries to show beside the worst. */
  readonly show: readonly number[];
  /** Folder that the `path` columns are relative to. */
  readonly picturesRoot: string;
  /** Shows items that are neither pictures nor texts. */
  readonly showItem?: ShowItem;
}

/** Writes the HTML report: the metrics, the worst queries, the chosen queries. */
export async function writeReport(path: string, input: ReportInput): Promise<void> {
  const { kept, gallery, worstBy, worst, show } = input;
  const wanted = new Set([...worst.map(({ row }) => row), ...show]);
  const [final, baseline] = await Promise.all([
    pickQueries(kept.finalFile, wanted),
    kept.baselineFile === undefined ? undefined : pickQueries(kept.baselineFile, wanted),
  ]);
  const shown = (rows: readonly number[]) => (final ? shownQueries(rows, { rr: final, baseline, gallery, metric: worstBy }) : []);
  const sections = [{ title: `Worst queries by ${worstBy.name}`, queries: shown(worst.map(({ row }) => row)) }];
  if (show.length > 0) sections.push({ title: 'Chosen queries', queries: shown(show) });
  const { title, results, picturesRoot: root, showItem } = input;
  await writeText(path, await renderReport({ title, results, sections }, { root, show: showItem }));
}

export interface ShownResults {
  readonly rr: RetrievalResults;
  /** The results before post-processing, of the same queries. */
  readonly baseline?: RetrievalResults;
  readonly gallery: GalleryItems;
  /** Its values are shown. */
  readonly metric: QueryMetric;
}

/** What a report shows of queries of labelled items. @param rows of the query set; those that the results lack are left out */
export function shownQueries(rows: readonly number[], { rr, baseline, gallery, metric }: ShownResults): ShownQuery[] {
  const relevance = labelRelevance(gallery, asQueries(rr));
  const values = perQuery(metric, rr);
  const valuesBefore = baseline && perQuery(metric, baseline);
  return rows.flatMap((row) => {
    const position = rr.rows.indexOf(row);
    if (position < 0) return [];
    const value = { metric: metric.name, value: values[position], baseline: valuesBefore?.[baseline?.rows.indexOf(row) ?? -1] };
    return [showQuery({ rr, position, baseline, gallery: gallery.columns, relevantRows: relevance?.list(position), value })];
  });
}

/** The wanted queries of a results file. @returns undefined when none is there */
async function pickQueries(file: string, wanted: ReadonlySet<number>): Promise<RetrievalResults | undefined> {
  const parts: RetrievalResults[] = [];
  for await (const rr of readRetrieval(file)) {
    const positions: number[] = [];
    for (let q = 0; q < rr.length; q++) if (wanted.has(rr.rows[q])) positions.push(q);
    if (positions.length > 0) parts.push(rr.pick(positions));
  }
  return parts.length === 0 ? undefined : RetrievalResults.concat(parts);
}

/** The queries of saved results as far as relevance is concerned: their labels, sequences and own gallery rows. */
function asQueries(rr: RetrievalResults): EmbeddingBatch {
  const batch = EmbeddingBatch.fromMatrix({ data: new Float32Array(0), rows: rr.length, dim: 0 }, rr.columns);
  const { self } = rr.columns;
  return self ? batch.withSelf(Int32Array.from({ length: rr.length }, (_, q) => self.get(q) ?? -1)) : batch;
}
