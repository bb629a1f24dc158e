import { describe, expect, it } from 'vitest';
import { CPU_ARITHMETIC } from '../../src/search/bound.js';
import { arithmeticOf, judgeProducts, multiplies, type Products, probeFactors } from '../../src/search/product-probe.js';
import { rounded, truncated } from './arithmetic.js';

const DIM = 20;

/** The products of the probe on a machine that changes every factor first. */
function productsOn(factor: (x: number) => number): Products {
  const { queries, gallery } = probeFactors(DIM);
  const [x, y] = [queries.map(factor), gallery.map(factor)];
  const rows = y.length / DIM;
  const products = new Float32Array((x.length / DIM) * rows);
  for (let i = 0; i < products.length; i++) {
    const [q, row] = [Math.floor(i / rows), i % rows];
    for (let d = 0; d < DIM; d++) products[i] += x[q * DIM + d] * y[row * DIM + d];
  }
  return judgeProducts(products);
}

describe('the probe of products', () => {
  it.each([1, 7, 64, 384])('finds float32 on the processor (dimension %i)', async (dim) => {
    expect(await multiplies('cpu', dim)).toBe('float32');
  });

  it('finds TF32 by factors of 11 bits, rounded or cut off', () => {
    expect(productsOn((x) => x)).toBe('float32');
    expect(productsOn((x) => rounded(x, 11))).toBe('tf32');
    expect(productsOn((x) => truncated(x, 11))).toBe('tf32');
  });

  it('trusts nothing that keeps fewer bits (bfloat16)', () => {
    expect(productsOn((x) => rounded(x, 8))).toBe('less');
    expect(productsOn((x) => truncated(x, 8))).toBe('less');
    expect(judgeProducts(new Float32Array(64 * 1024).fill(Number.NaN))).toBe('less');
  });

  it('is not needed on the processor, whose arithmetic is known', async () => {
    expect(await arithmeticOf('cpu', DIM)).toBe(CPU_ARITHMETIC);
  });
});
