import { UserError } from '../src/data/errors.js';
import { fileSink } from '../src/io/byte-sinks.js';
import { readEmbeddings } from '../src/io/read-embeddings.js';

/** Columns by which an item is called, the first that the table has; without any it is its row. */
const NAMES = ['path', 'id', 'text'] as const;

/**
 * Embeddings as one JSON object, `{ "name of the item": [numbers] }`, in the order of the table. Batches are written as they are read, so that memory
 * stays flat. The file appears under its name when it is whole.
 * @param file a table with embeddings
 * @returns the number of items
 * @throws UserError where two items have one name
 */
export async function writePredictions(file: string, out: string): Promise<number> {
  const sink = fileSink(out);
  const names = new Set<string>();
  try {
    let row = 0;
    for await (const { columns, data, dim, rows } of readEmbeddings(file)) {
      const column = NAMES.flatMap((name) => columns[name] ?? [])[0];
      let text = '';
      for (let i = 0; i < rows; i++, row++) {
        const name = String(column?.get(i) ?? row);
        if (names.has(name))
          throw new UserError(`two items are called "${name}", which JSON cannot tell apart; write .parquet instead of ${out}`);
        names.add(name);
        const vector = Array.from(data.subarray(i * dim, (i + 1) * dim));
        text += `${row === 0 ? '{\n' : ',\n'}${JSON.stringify(name)}:${JSON.stringify(vector)}`;
      }
      await sink.write([Buffer.from(text)]);
    }
    await sink.write([Buffer.from(row === 0 ? '{}\n' : '\n}\n')]);
    await sink.close();
    return row;
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
