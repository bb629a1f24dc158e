/** The families whose empty queries follow `emptyValue`. */
const FAMILIES = ['cmc', 'precision', 'map'];

/**
 * What cmc@k, precision@k and map@k give where their formulas divide by nothing: 1 when there is nothing to find and nothing was retrieved, 0 when
 * only one of the two is missing. OML differs in one place: its precision without ground truth is 0/0, and a single such query makes the mean NaN.
 * @returns undefined for a query that has both relevant and retrieved items
 */
export function emptyValue(relevant: number, retrieved: number): 0 | 1 | undefined {
  if (relevant > 0 && retrieved > 0) return undefined;
  return relevant === 0 && retrieved === 0 ? 1 : 0;
}

/** How many queries the empty rules decided. */
export interface EmptyCounts {
  /** Queries without a relevant item in the gallery that retrieved some. */
  readonly irrelevant: number;
  /** Queries with neither a relevant nor a retrieved item. */
  readonly void: number;
}

/** One line for each kind of query that a reader of the metrics should know of. @param names names of the metrics that were computed */
export function emptyWarnings(counts: EmptyCounts, names: readonly string[]): string[] {
  const concerned = FAMILIES.filter((family) => names.some((name) => name.startsWith(`${family}@`))).map((family) => `${family}@k`);
  const line = (count: number, one: string, many: string, value: 0 | 1): string[] => {
    if (count === 0) return [];
    const counted = `${count === 1 ? 'it counts' : 'they count'} as ${value} (${listed(concerned)})`;
    return [`${count} ${count === 1 ? `query ${one}` : `queries ${many}`}${concerned.length > 0 ? `: ${counted}` : ''}`];
  };
  const irrelevant = 'no relevant item in the gallery but retrieved some';
  const nothing = 'neither a relevant item in the gallery nor a retrieved one';
  return [
    ...line(counts.irrelevant, `has ${irrelevant}`, `have ${irrelevant}`, 0),
    ...line(counts.void, `has ${nothing}`, `have ${nothing}`, 1),
  ];
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
