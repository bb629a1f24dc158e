import { Table, Vector } from 'apache-arrow';
import { UserError } from '../data/errors.js';
import { columnData, inferKind, typeOf } from './csv-types.js';
import { readTable } from './open.js';

/** Rows of a batch while the table is collected: the texts of so many are in memory beside it. */
const BATCH = 8192;

/**
 * Reads a table into memory. The types of a CSV are told by all of its rows: where the thousandth label is the first that is no integer, all labels are text.
 * @param options.text columns of a CSV that are text whatever their values look like
 * @throws UserError as reading does
 */
export async function readWhole(path: string, options: { readonly text?: readonly string[] } = {}): Promise<Table> {
  const batches = [];
  for await (const batch of readTable(path, { asText: true, batchRows: BATCH })) batches.push(batch);
  const table = new Table(batches);
  if (!/\.[ct]sv(\.gz)?$/i.test(path)) return table;
  return new Table(
    Object.fromEntries(
      table.schema.fields.map(({ name }) => {
        const texts = table.getChild(name)!;
        return [name, options.text?.includes(name) ? texts : typed(texts, name, path)];
      }),
    ),
  );
}

/** A column of texts as what all of them are. */
function typed(column: Vector, name: string, path: string): Vector {
  const texts = Array.from(column, (text) => (text ?? '') as string);
  const kind = inferKind(texts);
  if (kind === 'text') return column;
  const fail = (row: number, message: string) => new UserError(`${path}, row ${row}, column "${name}": ${message}`);
  return new Vector([columnData({ name, index: 0, kind, type: typeOf(kind, texts) }, texts, fail)]);
}
