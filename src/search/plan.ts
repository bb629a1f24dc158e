import { UserError } from '../data/errors.js';
import type { Distance } from '../data/matrix.js';

/** How large a search is. */
export interface SearchSize {
  readonly galleryRows: number;
  readonly dim: number;
  readonly k: number;
  readonly distance: Distance;
  readonly threads: number;
  /** Queries of a batch as they are read. */
  readonly batchRows: number;
  /** Queries in all, where that is known. */
  readonly queries?: number;
  /** Bytes of columns that stay beside the search. */
  readonly kept?: number;
}

/** All vectors of the gallery stay in memory, and queries pass batch by batch. */
export interface ResidentPlan {
  readonly kind: 'resident';
  /** Estimate of the memory at its peak. */
  readonly bytes: number;
}

/** Each block of queries waits in memory while the gallery passes block by block. */
export interface StreamedPlan {
  readonly kind: 'streamed';
  readonly bytes: number;
  /** Queries that are searched in one pass over the gallery; never less than a batch of them. */
  readonly queryRows: number;
  /** Gallery rows of a block. */
  readonly blockRows: number;
  /** Blocks of the gallery. */
  readonly blocks: number;
}

export type SearchPlan = ResidentPlan | StreamedPlan;

/** Codes and postings of labels and sequences, for each row of the gallery, streamed or not. */
const ITEM_BYTES = 24;
/** Batches of queries that are under way at one time when the gallery is resident: those of a pump. */
const IN_FLIGHT = 3;
/** Columns that a lane of the int8 pass multiplies by at one time, and queries; see int8-engine.ts. */
const [LANE_COLUMNS, LANE_ROWS, MOST_LANES] = [65_536, 64, 8];
/** Scores that the float32 pass makes at one time, bytes, and queries; see float-engine.ts. */
const [SCORE_BYTES, SCORE_ROWS] = [48 * 2 ** 20, 512];
/** Blocks smaller than these would spend their time in being opened. */
const [LEAST_ROWS, MOST_BLOCKS] = [64, 1000];

/*
 * The model of the memory, without what Node, ONNX Runtime and the readers take in any case (about 0.25 GB). Peak bytes of one gallery row of `dim`
 * numbers in float32, while its block is opened, which is more than while it is searched:
 *
 *   int8     4 dim vectors, dim packed, 2 dim for each lane (ONNX Runtime's copy, and its packed form), 100 of norms, scales, hashes
 *   float32  4 dim vectors, 4 dim ONNX Runtime's copy, 4 dim its packed form; for cosine 4 dim more, the normalised vectors
 *
 * Measured at dim = 128 with 2 lanes, as the slope of the peak RSS from 100,000 to 600,000 rows: int8 1256 bytes (the model: 1252), float32 1532 (1536),
 * cosine by float32 2000 (2048). Which pass suits a block shows when it is opened, so that the greater of the two counts.
 */
function rowBytes({ dim, distance, threads }: SearchSize): number {
  const int8 = (5 + 2 * Math.min(threads, MOST_LANES)) * dim + 100;
  return Math.max(int8, (distance === 'cosine' ? 16 : 12) * dim);
}

/** What the fast pass works in. */
function scratchBytes(rows: number, { threads }: SearchSize): number {
  const int8 = Math.min(threads, MOST_LANES) * Math.min(rows, LANE_COLUMNS) * LANE_ROWS * 4.25;
  return Math.max(int8, Math.min(SCORE_BYTES, rows * SCORE_ROWS * 4));
}

/**
 * One query: its vector as it was read, in its block, and in the results of the block before (which a re-ranker may want); ids, distances and gains
 * (4 bytes each) of the results of this block and of the one before, and ids and distances that a gallery block gives.
 */
function queryBytes({ dim, k, galleryRows }: SearchSize): number {
  return 12 * dim + 32 * Math.min(k, galleryRows) + 64;
}

function keptBytes({ galleryRows, kept = 0 }: SearchSize): number {
  return kept + galleryRows * ITEM_BYTES;
}

/** Peak bytes of a search with the whole gallery in memory. */
export function residentBytes(size: SearchSize): number {
  const { galleryRows, batchRows, queries = Number.POSITIVE_INFINITY } = size;
  const waiting = Math.min(queries, IN_FLIGHT * batchRows) * queryBytes(size);
  return keptBytes(size) + waiting + galleryRows * rowBytes(size) + scratchBytes(galleryRows, size);
}

/** Peak bytes when `queryRows` queries wait for blocks of `blockRows`; the next block is read while one is searched. */
function streamedBytes(size: SearchSize, queryRows: number, blockRows: number): number {
  return keptBytes(size) + queryRows * queryBytes(size) + blockRows * (rowBytes(size) + 4 * size.dim) + scratchBytes(blockRows, size);
}

/**
 * Chooses between a resident and a streamed gallery. A quarter of the memory, at most, is for queries, so that few passes over the gallery are
 * needed; the rest is for a block of it.
 * @param memory bytes for vectors, queries and results; without it the gallery is resident
 * @throws UserError when not even a batch of queries and a small block fit, with what would
 */
export function planSearch(size: SearchSize, memory = Number.POSITIVE_INFINITY): SearchPlan {
  const { galleryRows, batchRows } = size;
  const bytes = residentBytes(size);
  if (bytes <= memory) return { kind: 'resident', bytes };

  const queries = Math.max(1, size.queries ?? Number.POSITIVE_INFINITY);
  const leastQueries = Math.min(batchRows, queries);
  const leastRows = Math.min(galleryRows, Math.max(LEAST_ROWS, Math.ceil(galleryRows / MOST_BLOCKS)));
  const least = streamedBytes(size, leastQueries, leastRows);
  if (least > memory) {
    throw new UserError(
      `${bytesText(memory)} of memory is too little to search ${count(galleryRows)} x ${size.dim} with k = ${size.k}: it takes at least ` +
        `${bytesText(least)}; less with smaller batches of queries (--batch), or a smaller k`,
    );
  }
  const queryRows = largest(
    leastQueries,
    Math.min(queries, Math.max(leastQueries, Math.floor(memory / 4 / queryBytes(size)))),
    (rows) => streamedBytes(size, rows, leastRows) <= memory,
  );
  const blockRows = largest(leastRows, galleryRows, (rows) => streamedBytes(size, queryRows, rows) <= memory);
  const blocks = Math.ceil(galleryRows / blockRows);
  const even = Math.ceil(galleryRows / blocks);
  return { kind: 'streamed', bytes: streamedBytes(size, queryRows, even), queryRows, blockRows: even, blocks };
}

/** The plan in a line for people. */
export function planText(plan: SearchPlan, { galleryRows, dim }: SearchSize): string {
  const gallery = `gallery ${count(galleryRows)} x ${dim}`;
  const about = `about ${bytesText(plan.bytes)}`;
  if (plan.kind === 'resident') return `plan: ${gallery} resident; ${about}`;
  const { blocks, blockRows, queryRows } = plan;
  const inBlocks = `${blocks} block${blocks === 1 ? '' : 's'} of ${count(blockRows)} rows`;
  return `plan: ${gallery} streamed in ${inBlocks} against ${count(queryRows)} resident queries; ${about}`;
}

/** The largest number from `low` to `high` that fits; `low` does, and so does all below one that does. */
function largest(low: number, high: number, fits: (n: number) => boolean): number {
  let [fitting, beyond] = [low, high + 1];
  while (beyond - fitting > 1) {
    const middle = Math.floor((fitting + beyond) / 2);
    if (fits(middle)) fitting = middle;
    else beyond = middle;
  }
  return fitting;
}

function count(n: number): string {
  return n.toLocaleString('en');
}

/** Rounded up, so that what is said to be enough is. */
function bytesText(bytes: number): string {
  const [unit, name] = bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1e3, 'KB'];
  return `${Math.ceil((bytes / unit) * 100) / 100} ${name}`;
}
