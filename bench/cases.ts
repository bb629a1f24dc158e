import { type DataSet, PRODUCTS, scaled } from './data.js';

/** `batch`: all queries at once; `self`: every gallery item against all others; `single`: one query after the other. */
export type Form = 'batch' | 'self' | 'single';

/** A search that the contestants are compared on. */
export interface SearchCase {
  readonly set: DataSet;
  readonly k: number;
  readonly form: Form;
  /** How many of the set's queries, or of its gallery items for `self`, are searched. */
  readonly queries: number;
}

const withDim = (dim: number): DataSet => ({ ...PRODUCTS, world: { ...PRODUCTS.world, dim } });
const products: SearchCase = { set: PRODUCTS, k: 100, form: 'batch', queries: PRODUCTS.queries };

export const CASES = {
  products,
  self: { ...products, form: 'self', queries: PRODUCTS.gallery },
  d128: { ...products, set: withDim(128) },
  d768: { ...products, set: withDim(768) },
  single: { ...products, form: 'single', queries: 200 },
  k1: { ...products, k: 1 },
  k1000: { ...products, k: 1000 },
} satisfies Record<string, SearchCase>;

export type CaseName = keyof typeof CASES;

/** A case at a fraction of its size. */
export function scaledCase({ set: whole, k, form, queries }: SearchCase, scale: number): SearchCase {
  const set = scaled(whole, scale);
  return { set, form, k: Math.min(k, set.gallery - 1), queries: Math.min(queries, form === 'self' ? set.gallery : set.queries) };
}
