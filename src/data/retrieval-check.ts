import { UserError } from './errors.js';
import type { RetrievalParts } from './retrieval-parts.js';

/** Checks results that come from outside. @throws UserError naming the query, see `RetrievalResults.checked` */
export function checkRetrieval(parts: RetrievalParts, where: string): void {
  const { rows, offsets, ids, distances, info } = parts;
  const at = (q: number, message: string) => new UserError(`${where}, query ${rows[q]}: ${message}`);
  if (offsets.length !== rows.length + 1 || offsets[rows.length] !== ids.length)
    throw new UserError(`${where}: offsets do not fit the ids`);
  if (distances.length !== ids.length) throw new UserError(`${where}: ${ids.length} retrieved ids, but ${distances.length} distances`);
  if (parts.gains && parts.gains.length !== ids.length)
    throw new UserError(`${where}: ${ids.length} retrieved ids, but ${parts.gains.length} gains`);
  for (const [name, column] of Object.entries(parts.columns)) {
    if (column.length !== rows.length)
      throw new UserError(`${where}, column "${name}": ${column.length} values for ${rows.length} queries`);
  }
  const size = info.gallerySize ?? Number.POSITIVE_INFINITY;
  for (let q = 0; q < rows.length; q++) {
    for (let i = offsets[q]; i < offsets[q + 1]; i++) {
      if (Number.isNaN(distances[i])) throw at(q, 'a distance is NaN');
      if (i > offsets[q] && distances[i] < distances[i - 1])
        throw at(q, `distances must not decrease (${distances[i - 1]} before ${distances[i]})`);
      if (ids[i] < 0 || ids[i] >= size) throw at(q, `retrieved item ${ids[i]} is outside the gallery of ${size}`);
    }
    const sorted = ids.slice(offsets[q], offsets[q + 1]).sort();
    for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) throw at(q, `gallery item ${sorted[i]} is retrieved twice`);
  }
}
