import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { Distance, Matrix } from '../data/matrix.js';
import { checkedDistance } from '../data/matrix.js';
import { type Device, resolveDevice } from '../runtime/devices.js';
import { threadCount } from '../runtime/thread-count.js';
import { searchBlocks } from './blocks.js';
import type { Engine } from './engine.js';
import { FloatEngine } from './float-engine.js';
import { Int8Engine } from './int8-engine.js';
import { onnxPasses } from './onnx-pass.js';
import { arithmeticOf } from './product-probe.js';
import { rangeSearch } from './range.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

const PRECISIONS = ['exact', 'float32'];

export interface ExactOptions {
  /** Default `l2`, as in OML. */
  readonly distance?: Distance;
  /** Threads of the search; default: all cores. */
  readonly threads?: number;
  /** `float32` leaves the proof away; default `exact`. */
  readonly precision?: 'exact' | 'float32';
  /**
   * Where the fast pass runs; results are the same. `auto` is CUDA where the runtime has it, else WebGPU on a real adapter, else the CPU, and takes some
   * 0.2 s to find out, once. Default `cpu`. A device keeps the gallery, and gives back the candidates.
   */
  readonly device?: 'auto' | Device;
  /** Arithmetic of the fast pass on the CPU; results are the same. Default: int8 where the processor and the gallery suit it. */
  readonly fastPass?: 'int8' | 'float32';
}

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
    private readonly engine: Engine & { readonly fastPass: 'int8' | 'float32' },
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

  /** @throws UserError where the device asked for is not there: one line that lists what is; for an unknown distance or precision, or a number of threads that is none */
  static async open(gallery: Gallery, options: ExactOptions = {}): Promise<ExactSearcher> {
    const device = await resolveDevice(options.device ?? 'cpu');
    const distance = checkedDistance(options.distance);
    const threads = threadCount(options.threads);
    const { precision = 'exact' } = options;
    if (!PRECISIONS.includes(precision)) throw new UserError(`unknown precision "${precision}" (there are: ${PRECISIONS.join(', ')})`);
    const exact = precision === 'exact';
    if (device === 'cpu' && exact && options.fastPass !== 'float32') {
      const int8 = await Int8Engine.open(gallery, distance, threads);
      if (int8) return new ExactSearcher(gallery, distance, exact, int8);
    }
    const arithmetic = exact ? () => arithmeticOf(device, gallery.dim) : undefined;
    const engine = await FloatEngine.open(gallery, distance, onnxPasses({ device, threads }), arithmetic);
    return new ExactSearcher(gallery, distance, exact, engine);
  }

  search(queries: Matrix, k: number, ignored?: Ignored): Promise<TopK> {
    return searchBlocks(this.engine, this.gallery, queries, k, ignored);
  }

  range(queries: Matrix, radius: number, ignored?: Ignored): Promise<TopK> {
    return rangeSearch(this, queries, radius, ignored);
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}
