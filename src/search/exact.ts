import { availableParallelism } from 'node:os';
import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { Distance, Matrix } from '../data/matrix.js';
import type { Block, Engine } from './engine.js';
import { FloatEngine } from './float-engine.js';
import { Int8Engine } from './int8-engine.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

export interface ExactOptions {
  /** Default `l2`, as in OML. */
  readonly distance?: Distance;
  /** Threads of the search; default: all cores. */
  readonly threads?: number;
  /** `float32` leaves the proof away; default `exact`. */
  readonly precision?: 'exact' | 'float32';
  /** Arithmetic of the fast pass; results are the same. Default: int8 where the processor and the gallery suit it. */
  readonly fastPass?: 'int8' | 'float32';
}

/** Unit roundoff of float32 on the CPU. */
const CPU_ROUNDOFF = 2 ** -24;

/**
 * Exhaustive search whose answer is proven: ids, and canonical distances rounded to float32, in the order (distance, gallery row), are those that a
 * comparison of every query with every row would give, to the bit, whatever the device, the batch, the threads. See docs/exactness.md.
 */
export class ExactSearcher implements Searcher {
  private constructor(
    private readonly gallery: Gallery,
    readonly distance: Distance,
    /** Whether the answer is proven. */
    readonly exact: boolean,
    private readonly engine: Engine,
  ) {}

  get size(): number {
    return this.gallery.size;
  }

  get dimension(): number {
    return this.gallery.dim;
  }

  get device(): string {
    return this.engine.device;
  }

  /** Arithmetic of the fast pass that suits the gallery. */
  get fastPass(): 'int8' | 'float32' {
    return this.engine.fastPass;
  }

  static async open(gallery: Gallery, options: ExactOptions = {}): Promise<ExactSearcher> {
    const distance = options.distance ?? 'l2';
    const threads = options.threads ?? availableParallelism();
    const exact = options.precision !== 'float32';
    const int8 = exact && options.fastPass !== 'float32' ? await Int8Engine.open(gallery, distance, threads) : undefined;
    const engine = int8 ?? (await FloatEngine.open(gallery, distance, { threads, roundoff: exact ? CPU_ROUNDOFF : undefined }));
    return new ExactSearcher(gallery, distance, exact, engine);
  }

  async search(queries: Matrix, k: number, ignored: Ignored = {}): Promise<TopK> {
    if (!Number.isInteger(k) || k < 1) throw new UserError(`k must be a positive integer, not ${k}`);
    if (queries.dim !== this.dimension) {
      throw new UserError(`queries of dimension ${queries.dim} cannot be searched in a gallery of dimension ${this.dimension}`);
    }
    const width = Math.min(k, this.size);
    const ids = new Int32Array(queries.rows * width);
    const distances = new Float32Array(queries.rows * width);
    const counts = new Int32Array(queries.rows);
    let retried = 0;
    await Promise.all(
      this.#blocks(queries, width, ignored).map((block) =>
        this.engine.search(block, (found) => {
          const size = block.rows * width;
          ids.set(found.ids.subarray(0, size), block.firstQuery * width);
          distances.set(found.distances.subarray(0, size), block.firstQuery * width);
          counts.set(found.counts, block.firstQuery);
          retried += found.retried;
        }),
      ),
    );
    return packed(ids, distances, counts, width, retried);
  }

  /** Few queries are spread over the lanes; many come in blocks that suit the engine. */
  #blocks(queries: Matrix, k: number, { self, sequence }: Ignored): Block[] {
    const { dim } = queries;
    const step = Math.max(1, Math.min(this.engine.blockRows, Math.ceil(queries.rows / this.engine.lanes)));
    return Array.from({ length: Math.ceil(queries.rows / step) }, (_, b) => {
      const [first, end] = [b * step, Math.min(queries.rows, (b + 1) * step)];
      const ownSequence = sequence?.slice(first, end);
      const own = self?.slice(first, end);
      const ignored = Int32Array.from({ length: end - first }, (_, q) => {
        const same = ownSequence ? (this.gallery.sequences?.count(ownSequence[q]) ?? 0) : 0;
        return same + (own && own[q] >= 0 ? 1 : 0);
      });
      const data = queries.data.subarray(first * dim, end * dim);
      return { queries: data, rows: end - first, k, firstQuery: first, self: own, sequence: ownSequence, ignored };
    });
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}

/** Closes the gaps that queries with fewer than `width` results leave. */
export function packed(ids: Int32Array, distances: Float32Array, counts: Int32Array, width: number, retried: number): TopK {
  const offsets = new Int32Array(counts.length + 1);
  for (let q = 0; q < counts.length; q++) {
    const [to, from] = [offsets[q], q * width];
    offsets[q + 1] = to + counts[q];
    if (to === from) continue;
    ids.copyWithin(to, from, from + counts[q]);
    distances.copyWithin(to, from, from + counts[q]);
  }
  const total = offsets[counts.length];
  const full = total === ids.length;
  return { offsets, ids: full ? ids : ids.slice(0, total), distances: full ? distances : distances.slice(0, total), retried };
}
