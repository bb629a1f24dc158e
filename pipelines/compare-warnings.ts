import type { NamedMetric, QueryValues } from './compare-inputs.js';
import type { MatchedQueries } from './match-queries.js';
import { cutoffWarnings } from './metric-options.js';
import { systemLabel } from './system-names.js';

/**
 * What a reader of a comparison must know: facts that differ between the systems and the baseline, and cut-offs beyond what was retrieved. Other
 * galleries are no mistake (two models have different vectors), but a gallery of another size, or other relevant items, may be.
 */
export function differingFacts(systems: readonly QueryValues[], matched: MatchedQueries, metrics: readonly NamedMetric[]): string[] {
  const [baseline, ...others] = systems;
  const names = metrics.map(({ name }) => name);
  const cutoffs = systems.flatMap(({ info }, s) => cutoffWarnings(names, info.k).map((warning) => `${systemLabel(s)}: ${warning}`));
  const differing = others.flatMap((system, i) =>
    [
      ...differs('gallery items', system.info.gallerySize, baseline.info.gallerySize),
      ...differs('items retrieved (k)', system.info.k, baseline.info.k),
      ...otherRelevance(system, matched.positions[i + 1], baseline, matched.positions[0]),
    ].map((warning) => `${systemLabel(i + 1)}: ${warning}`),
  );
  return [...differing, ...cutoffs];
}

function differs(what: string, here: number | undefined, there: number | undefined): string[] {
  return here === undefined || there === undefined || here === there ? [] : [`${here} ${what}, ${there} in A`];
}

function otherRelevance(system: QueryValues, positions: Int32Array, baseline: QueryValues, order: Int32Array): string[] {
  const [here, there] = [system.numRelevant, baseline.numRelevant];
  if (!here || !there) return [];
  const places = [...order.keys()].filter((place) => here[positions[place]] !== there[order[place]]);
  if (places.length === 0) return [];
  const [place] = places;
  const query = baseline.ids?.[order[place]] ?? String(baseline.rows?.[order[place]]);
  const example = `query ${query} has ${here[positions[place]]} and ${there[order[place]]}`;
  return [`queries with another number of relevant items than in A: ${places.length} (${example}); metrics may not mean the same`];
}
