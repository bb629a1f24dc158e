import { mapLimited } from '../data/map-limited.js';
import type { Item } from './report.js';

/**
 * An item as an HTML fragment without scripts (a player, a plot); undefined: it is shown as a picture or a text. What it refers to must be in it, as
 * data URIs.
 */
export type ShowItem = (item: Item) => Promise<string | undefined>;

/** The fragments of the items of a report. */
export interface Fragments {
  /** Undefined: the item has none. */
  of(item: Item): string | undefined;
  readonly warnings: readonly string[];
}

/** Makes the fragments. Items that cannot be shown are counted in a warning; nothing is thrown for them. */
export async function makeFragments(items: readonly Item[], show: ShowItem | undefined, concurrency: number): Promise<Fragments> {
  if (!show) return { of: () => undefined, warnings: [] };
  const distinct = new Map(items.map((item) => [keyOf(item), item]));
  const failures: string[] = [];
  const made = await mapLimited([...distinct], concurrency, async ([key, item]) => {
    try {
      return [key, await show(item)] as const;
    } catch (error) {
      failures.push(`${item.kind} #${item.row}: ${(error as Error).message}`);
      return [key, '<p><strong>cannot be shown</strong></p>'] as const;
    }
  });
  const fragments = new Map(made);
  const warnings =
    failures.length > 0
      ? [`${failures.length} ${failures.length === 1 ? 'item' : 'items'} could not be shown, for example ${failures.sort()[0]}`]
      : [];
  return { of: (item) => fragments.get(keyOf(item)), warnings };
}

function keyOf({ kind, row }: Item): string {
  return `${kind} ${row}`;
}
