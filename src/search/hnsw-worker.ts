import type { HierarchicalNSW } from 'hnswlib-node';
import { shardMatrix } from '../data/vector-store.js';
import { importOptional } from '../runtime/optional.js';
import { serve, Transfer } from '../runtime/thread.js';
import { fitsFloat32 } from './bound.js';
import { squaredNorm } from './canonical.js';
import { type Representatives, representatives } from './duplicates.js';
import type { Block, Found } from './engine.js';
import { Candidates } from './order.js';
import { type RescoredGallery, Rescorer } from './rescorer.js';

export interface SurveyRequest extends Omit<RescoredGallery, 'twins'> {
  /** Candidates of every query, at least. */
  readonly ef: number;
}

export interface SurveyAnswer {
  /** Rows that an index holds: one for all that are equal. */
  readonly rows: number;
  /** Whether float32 distances between them cannot overflow. */
  readonly fits: boolean;
}

export interface BuildRequest {
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
}

let Index: typeof HierarchicalNSW;
let index: HierarchicalNSW;
let survey: SurveyRequest;
/** Gallery rows that stand in the index under their own number, as (shard, row of the shard). */
let held: Representatives['rows'];
let count = 0;
let largest = 0;
let rescorer: Rescorer;
const list = new Candidates();

serve({
  async survey(request: SurveyRequest): Promise<SurveyAnswer> {
    const { shards, dim, distance } = request;
    Index = (await importOptional<{ HierarchicalNSW: typeof HierarchicalNSW }>('hnswlib-node', 'the hnsw engine')).HierarchicalNSW;
    survey = request;
    const { rows, twins } = representatives(shards, dim);
    held = rows;
    count = rows.reduce((sum, list) => sum + list.length, 0);
    rescorer = new Rescorer({ ...request, twins });
    largest = distance === 'cosine' ? 1 : shards.reduce((most, _, s) => rescorer.norms(s).reduce((a, b) => Math.max(a, b), most), 0);
    return { rows: count, fits: fitsFloat32(largest, largest) };
  },

  build({ m, efConstruction, seed }: BuildRequest): void {
    index = newIndex();
    index.initIndex(count, m, efConstruction, seed);
  },

  /** Adds the rows [from, to) of those that the index holds. The order is always the same, and so is the graph. */
  add({ from, to }: { from: number; to: number }): void {
    let before = 0;
    held.forEach((rows, s) => {
      const { firstRow } = survey.shards[s];
      const { data } = shardMatrix(survey.shards[s], survey.dim);
      const end = Math.min(rows.length, to - before);
      for (let i = Math.max(0, from - before); i < end; i++) {
        index.addPoint(pointOf(data.subarray(rows[i] * survey.dim, (rows[i] + 1) * survey.dim)), firstRow + rows[i]);
      }
      before += rows.length;
    });
  },

  save: ({ path }: { path: string }): void => index.writeIndexSync(path),

  load({ path }: { path: string }): void {
    index = newIndex();
    index.readIndexSync(path);
  },

  search({ queries, rows, k, firstQuery, self, sequence, ignored }: Block): Transfer<Found> {
    const { dim, ef } = survey;
    const [ids, distances] = [new Int32Array(rows * k), new Float32Array(rows * k)];
    const counts = new Int32Array(rows);
    let retried = 0;
    for (let q = 0; q < rows; q++) {
      const vector = queries.subarray(q * dim, (q + 1) * dim);
      rescorer.query = { vector, k, self: self?.[q] ?? -1, sequence: sequence?.[q] ?? -1, ignored: ignored[q] };
      const width = Math.max(ef, k + ignored[q]);
      list.count = 0;
      const walked = width < count && fitsFloat32(Math.sqrt(squaredNorm(vector)), largest);
      if (walked) addNeighbours(vector, width);
      if (!walked || list.count < k) {
        // The graph has no way to as many rows as are wanted, or the walk would visit them all.
        if (walked) retried++;
        list.count = 0;
        held.forEach((all, s) => {
          rescorer.add(list, s, all);
        });
      }
      counts[q] = list.count;
      rescorer.write(list, ids, distances, q * k, firstQuery + q);
    }
    return new Transfer({ counts, ids, distances, retried }, [counts.buffer, ids.buffer, distances.buffer]);
  },
});

function newIndex(): HierarchicalNSW {
  // Cosine is the inner product of unit vectors, which hnswlib would make in float32, and not at all of tiny ones.
  return new Index(survey.distance === 'l2' ? 'l2' : 'ip', survey.dim);
}

/** A vector as the index takes it. */
function pointOf(vector: Float32Array): number[] {
  const norm = survey.distance === 'cosine' ? Math.sqrt(squaredNorm(vector)) || 1 : 1;
  return Array.from(vector, (x) => x / norm);
}

/** Adds the nearest rows that the index finds to the candidates. */
function addNeighbours(vector: Float32Array, width: number): void {
  const { neighbors } = index.searchKnn(pointOf(vector), width);
  survey.shards.forEach(({ firstRow, rows }, s) => {
    const inShard = neighbors.filter((row) => row >= firstRow && row < firstRow + rows);
    rescorer.add(
      list,
      s,
      Int32Array.from(inShard, (row) => row - firstRow),
    );
  });
}
