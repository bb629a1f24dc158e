import { columnsEqual } from '../../data/columns.js';
import { UserError } from '../../data/errors.js';
import { RetrievalResults } from '../../data/retrieval-results.js';
import { CandidateReader } from './candidates.js';
import type { Fuse } from './methods.js';
import { NORMALISATIONS, type Normalise } from './normalise.js';

export interface FusionOptions {
  /** How the scores of one run become comparable with those of another; default: as they are. */
  readonly normalise?: Normalise;
  /** Items to keep of each query; default: all. */
  readonly k?: number;
  /** Which of two items at equal fused scores comes first: the one with the lower gallery row (default), or the one that was found first, run by run. */
  readonly ties?: 'row' | 'found';
}

/**
 * Several retrievals of the same queries as one: every item that one of them retrieved, ordered by its fused score. Scores
 * are negated distances; the fused distance is the negated fused score, rounded to float32. Ground truth is that of the first.
 * @param parts at least one, query by query the same
 * @throws UserError when queries, galleries or ground truth differ
 * @example fuseResults([byImage, byText], rrf())
 */
export function fuseResults(parts: readonly RetrievalResults[], method: Fuse, options: FusionOptions = {}): RetrievalResults {
  const { normalise = NORMALISATIONS.none, k = Number.POSITIVE_INFINITY, ties = 'row' } = options;
  const [first] = parts;
  for (const part of parts.slice(1)) checkSame(first, part);
  const judged = first.gains !== undefined;
  const most = parts.reduce((sum, { ids }) => sum + ids.length, 0);
  if (most > 0x7fffffff) throw new UserError(`${most} items to fuse do not fit one batch (at most 2,147,483,647); use smaller batches`);
  const reader = new CandidateReader(parts);
  const offsets = new Int32Array(first.length + 1);
  const ids = new Int32Array(most);
  const distances = new Float32Array(most);
  const gains = judged ? new Float32Array(most) : undefined;
  let fused = new Float64Array(0);
  for (let q = 0; q < first.length; q++) {
    const candidates = reader.read(q);
    const { size, ids: rows } = candidates;
    if (fused.length < size) fused = new Float64Array(2 * size);
    normalise(candidates);
    method(candidates, fused);
    const scores = fused;
    const order = Uint32Array.from({ length: size }, (_, i) => i).sort(
      (a, b) => scores[b] - scores[a] || (ties === 'row' ? rows[a] - rows[b] : a - b),
    );
    const kept = Math.min(size, k);
    for (let i = 0; i < kept; i++) {
      const at = offsets[q] + i;
      ids[at] = rows[order[i]];
      // Adding 0 turns -0 into +0, and only after rounding is it known what is 0.
      distances[at] = Math.fround(-scores[order[i]]) + 0;
      if (!Number.isFinite(distances[at])) throw notFinite(first.rows[q], ids[at], scores[order[i]]);
      if (gains) gains[at] = reader.gain(order[i]);
    }
    offsets[q + 1] = offsets[q] + kept;
  }
  const total = offsets[first.length];
  const { gallerySize, fingerprint } = first.info;
  const same = parts.every(({ info }) => info.fingerprint === fingerprint);
  return RetrievalResults.trusted({
    ...first,
    info: { gallerySize, distance: 'score', ...(same && fingerprint !== undefined && { fingerprint }) },
    offsets,
    ids: ids.slice(0, total),
    distances: distances.slice(0, total),
    gains: gains?.slice(0, total),
  });
}

function checkSame(a: RetrievalResults, b: RetrievalResults): void {
  if (a.info.gallerySize !== undefined && b.info.gallerySize !== undefined && a.info.gallerySize !== b.info.gallerySize) {
    throw new UserError(
      `results of galleries of ${a.info.gallerySize} and of ${b.info.gallerySize} items cannot be fused: their rows are not the same items`,
    );
  }
  if (a.length !== b.length)
    throw new UserError(`results of ${a.length} and of ${b.length} queries cannot be fused; give the same queries to both`);
  if (a.queryIds && b.queryIds ? !columnsEqual(a.queryIds, b.queryIds) : a.rows.some((row, q) => row !== b.rows[q])) {
    const q =
      a.queryIds && b.queryIds
        ? firstDifference(
            a.length,
            (i) => a.queryIds?.get(i),
            (i) => b.queryIds?.get(i),
          )
        : firstDifference(
            a.length,
            (i) => a.rows[i],
            (i) => b.rows[i],
          );
    throw new UserError(
      `results of different queries cannot be fused: ${q} stand at the same place; give the same queries in the same order`,
    );
  }
  if ((a.gains === undefined) !== (b.gains === undefined)) throw new UserError('results with and without relevance cannot be fused');
  const differing = a.numRelevant?.findIndex((count, q) => count !== b.numRelevant?.[q]) ?? -1;
  if (differing >= 0) {
    throw new UserError(
      `query ${a.rows[differing]} has ${a.numRelevant?.[differing]} relevant items in one of the results and ${b.numRelevant?.[differing]} in another: they were not judged alike`,
    );
  }
}

function firstDifference(length: number, a: (i: number) => unknown, b: (i: number) => unknown): string {
  for (let i = 0; i < length; i++) if (a(i) !== b(i)) return `${a(i)} and ${b(i)}`;
  return '';
}

function notFinite(query: number, row: number, score: number): UserError {
  return new UserError(`query ${query} and gallery item ${row}: the fused score ${score} is beyond float32; normalise the scores first`);
}
