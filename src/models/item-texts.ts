import type { Vector } from 'apache-arrow';
import { holdsTexts } from '../data/columns.js';
import type { ItemTexts } from '../data/context.js';
import { UserError } from '../data/errors.js';

/**
 * The texts of queries and gallery.
 * @param gallery the `text` column of the gallery; queries have theirs in their batch, or among the columns of the results
 * @throws UserError for a column of something else; while reading, naming the query or item that has no text
 */
export function itemTexts(gallery: Vector): ItemTexts {
  if (!holdsTexts(gallery)) throw new UserError(`the column "text" of the gallery holds ${gallery.type}, and no texts`);
  return {
    query: (rr, position) => textAt(rr.queries?.columns.text ?? rr.columns.text, position, `query ${rr.rows[position]}`),
    gallery: (row) => textAt(gallery, row, `gallery item ${row}`),
  };
}

function textAt(column: Vector | undefined, at: number, what: string): string {
  const value: unknown = column?.get(at);
  if (typeof value === 'string' && value.trim()) return value;
  const found = value === null || value === undefined ? 'is missing' : `is ${typeof value === 'string' ? 'empty' : `a ${typeof value}`}`;
  throw new UserError(`${what} has no text: its value in the column "text" ${found}`);
}
