import type { Vector } from 'apache-arrow';
import type { Columns } from '../data/columns.js';
import { didYouMean, UserError } from '../data/errors.js';
import type { Postprocessor } from './postprocessor.js';

/**
 * Keeps the first result of each value of a gallery column: one picture of a product, one frame of a sequence, one item of a label. Items without a
 * value (null, or NaN, as pandas writes it) are all kept.
 * @param column of the gallery
 * @throws UserError in `process`, when the columns of the gallery are not there, or this one is not among them
 * @example collapse('product') // products [1, 1, 2, null, 2, null]: items 0, 2, 3 and 5 stay
 */
export function collapse(column: string): Postprocessor {
  return {
    name: 'collapse',
    params: { column },
    needs: ['columns'],
    galleryColumns: [column],
    process(rr, { columns }) {
      const values = columnOf(column, columns);
      const offsets = new Int32Array(rr.length + 1);
      const from = new Int32Array(rr.ids.length);
      let kept = 0;
      for (let q = 0; q < rr.length; q++) {
        const seen = new Set<unknown>();
        for (let i = rr.offsets[q]; i < rr.offsets[q + 1]; i++) {
          const value = comparable(values.get(rr.ids[i]));
          if (value !== null && seen.has(value)) continue;
          seen.add(value);
          from[kept++] = i;
        }
        offsets[q + 1] = kept;
      }
      return rr.rearranged(offsets, from.subarray(0, kept));
    },
  };
}

function columnOf(name: string, columns: Columns | undefined): Vector {
  if (!columns) throw new UserError(`collapse: these results came without the columns of their gallery, where "${name}" is looked up`);
  const column = columns[name];
  if (column) return column;
  const there = Object.keys(columns);
  throw new UserError(`collapse: no column "${name}" in the gallery (there are: ${there.join(', ') || 'none'})${didYouMean(name, there)}`);
}

/** A value that `Set` tells apart as people do; null for none. */
function comparable(value: unknown): unknown {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value !== 'object') return value;
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));
}
