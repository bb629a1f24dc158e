import type { Dataset } from '../src/datasets/dataset.js';
import { flagOf } from '../src/datasets/format.js';
import { openItems, validationItems } from '../src/datasets/format-open.js';
import { type ItemTable, sourceRow } from '../src/datasets/item-table.js';
import type { ShowItem } from '../src/report/fragments.js';
import type { Item } from '../src/report/report.js';
import type { ExtractOutcome } from './extract.js';
import { openModel } from './open-model.js';

/** A table of items that a model embedded. */
export interface ShownSide {
  readonly role: 'items' | 'queries' | 'gallery';
  readonly file: string;
  /** The model. */
  readonly name: string;
  readonly root: string;
  readonly split?: string;
  readonly outcome: Pick<ExtractOutcome, 'skipped' | 'modality'>;
}

/** What shows the items of a report; disposing of it ends what decodes. */
export interface ShownItems extends AsyncDisposable {
  readonly show?: ShowItem;
}

/**
 * Shows items by the datasets that they were embedded with: sounds, items of a modality of one's own, and pictures with a box. Whole pictures, of which the
 * report keeps each once, and texts are left to it. A dataset is opened with the first item that needs it.
 */
export function shownItems(sides: readonly ShownSide[]): ShownItems {
  const opened = new Map<ShownSide, Promise<Shown>>();
  const open = (side: ShownSide) => {
    const known = opened.get(side) ?? openSide(side);
    opened.set(side, known);
    return known;
  };
  const show = async (item: Item) => {
    const role = item.kind === 'query' ? 'queries' : 'gallery';
    const side = sides.find((one) => one.role === role || one.role === 'items');
    if (!side || side.outcome.modality === 'text' || (side.outcome.modality === 'image' && !item.box)) return undefined;
    const { dataset, rows } = await open(side);
    return dataset.visualize(rows[role][item.row]);
  };
  return {
    ...(sides.length > 0 && { show }),
    async [Symbol.asyncDispose]() {
      for (const shown of opened.values()) await (await shown).dataset.close?.();
    },
  };
}

interface Shown {
  readonly dataset: Dataset;
  /** Rows of the dataset, by the rows that a report knows: those of the query set and of the gallery. */
  readonly rows: Readonly<Record<'queries' | 'gallery', readonly number[]>>;
}

async function openSide({ role, file, name, root, split, outcome }: ShownSide): Promise<Shown> {
  const all = await openItems(file, { root });
  const items = split === undefined ? all : validationItems(all, split);
  await using model = await openModel(name, { device: 'cpu' });
  const dataset = await model.dataset(items, root);
  const left = new Set(outcome.skipped.map(({ row }) => row));
  const kept = Array.from({ length: items.size }, (_, row) => row).filter((row) => !left.has(sourceRow(items, row)));
  const of = (flag: string) => (role === 'items' ? kept.filter((row) => isFlagged(items, flag, row)) : kept);
  return { dataset, rows: { queries: of('is_query'), gallery: of('is_gallery') } };
}

/** As an evaluation tells queries and gallery apart: without the column all rows are both. */
function isFlagged({ columns }: ItemTable, name: string, row: number): boolean {
  return !columns[name] || flagOf(columns[name].get(row)) === true;
}
