import { onnxModel } from '../runtime/onnx-graph.js';
import { type Device, OnnxSession } from '../runtime/onnx-session.js';
import { type Arithmetic, CPU_ARITHMETIC, GPU_ARITHMETIC, NO_ARITHMETIC, TF32_ARITHMETIC } from './bound.js';

/** Sides of the products: large enough that a device takes what it takes for a search. */
const QUERIES = 64;
const ROWS = 1024;
const MOST_DIMENSIONS = 4096;

/** Factors of 12 and 13 bits, whose product has the 24 bits of float32: TF32 (11 bits) changes both. */
const FINE = [1 + 2 ** -11, 1 + 2 ** -12] as const;
/** Factors of 11 bits: TF32 leaves them as they are, bfloat16 (8 bits) does not. */
const COARSE = [1 + 2 ** -10, 1 + 2 ** -10] as const;

/** The factors that meet in a product of the probe, by turns. */
function pair(row: number): readonly [number, number] {
  return row % 2 === 0 ? FINE : COARSE;
}

/**
 * How a device computes: found out, where it is no processor, by products of which every bit is known. A query of the probe has one number that is not
 * zero, so that no order of summation can change the product.
 * @param dim that of the search, for it decides which arithmetic a library takes
 */
export async function arithmeticOf(device: Device, dim: number): Promise<Arithmetic> {
  if (device === 'cpu') return CPU_ARITHMETIC;
  return ARITHMETICS[await multiplies(device, dim)];
}

/** What becomes of float32 factors: they are taken as they are, rounded to TF32, or to less. */
export type Products = 'float32' | 'tf32' | 'less';
const ARITHMETICS: Readonly<Record<Products, Arithmetic>> = { float32: GPU_ARITHMETIC, tf32: TF32_ARITHMETIC, less: NO_ARITHMETIC };

/** Runs the probe. @throws Error when the device cannot */
export async function multiplies(device: Device, ofSearch: number): Promise<Products> {
  const dim = Math.min(ofSearch, MOST_DIMENSIONS);
  const matrix = (rows: number) => [rows, dim] as const;
  const model = onnxModel({
    nodes: [{ type: 'Gemm', inputs: ['queries', 'gallery'], outputs: ['products'], attributes: { transB: 1 } }],
    inputs: [
      { name: 'queries', type: 'float32', dims: matrix(QUERIES) },
      { name: 'gallery', type: 'float32', dims: matrix(ROWS) },
    ],
    outputs: [{ name: 'products', type: 'float32', dims: [QUERIES, ROWS] }],
  });
  const { queries, gallery } = probeFactors(dim);
  const session = await OnnxSession.open(model, { device, threads: 1 });
  try {
    const { products } = await session.run({
      queries: { type: 'float32', data: queries, dims: matrix(QUERIES) },
      gallery: { type: 'float32', data: gallery, dims: matrix(ROWS) },
    });
    return judgeProducts(products.data as Float32Array);
  } finally {
    await session.close();
  }
}

/** The factors of the probe: queries [64 x dim], each with one number, and gallery [1,024 x dim], whose rows are constant. */
export function probeFactors(dim: number): { readonly queries: Float32Array; readonly gallery: Float32Array } {
  const queries = new Float32Array(QUERIES * dim);
  for (let q = 0; q < QUERIES; q++) queries[q * dim + ((q * 7) % dim)] = pair(q)[0];
  return { queries, gallery: Float32Array.from({ length: ROWS * dim }, (_, i) => pair(Math.floor(i / dim))[1]) };
}

/** @param products float32 [64 x 1,024] of the factors of the probe */
export function judgeProducts(products: Float32Array): Products {
  const exact = [true, true];
  for (let q = 0; q < QUERIES; q++) {
    const turn = q % 2;
    const [x, y] = pair(q);
    for (let row = turn; row < ROWS; row += 2) exact[turn] &&= products[q * ROWS + row] === x * y;
  }
  const [fine, coarse] = exact;
  if (!coarse) return 'less';
  return fine ? 'float32' : 'tf32';
}
