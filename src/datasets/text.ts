import { createHash } from 'node:crypto';
import { holdsTexts } from '../data/columns.js';
import { UserError } from '../data/errors.js';
import { escapeHtml, excerpt } from '../data/escape.js';
import type { JsonObject } from '../data/json.js';
import { textInput } from '../models/text-input.js';
import { tokenInputs } from '../models/token-feeds.js';
import type { TokenIds } from '../models/token-layout.js';
import { openTokenizer } from '../models/tokenizer.js';
import { place } from './check-place.js';
import type { Dataset } from './dataset.js';
import { columnNamed, type ItemTable } from './item-table.js';
import type { ItemPlaces, Modality } from './modality.js';

/** A report shows so many characters of a text. */
const SHOWN = 500;

/**
 * Texts: the column `text`, through a Hugging Face tokenizer into `input_ids`, `attention_mask`, `token_type_ids` and `position_ids`, those of them that the
 * model takes.
 *
 * Options (`input` of the model's description): `tokenizer`, the path of a tokenizer.json, from the model's folder on; `max-length`, the tokens of the
 * longest text with the special ones, what is longer being cut at its end (default: what the tokenizer's configuration says, 128 at most, as in OML);
 * `padding`, `longest`: to the longest text of a batch (default), or `max`: always to `max-length`, as in OML.
 */
export const text: Modality = { name: 'text', open: textDataset };

/** As `text.open`. */
export async function textDataset(items: ItemTable, options: JsonObject, places: ItemPlaces): Promise<Dataset<TokenIds>> {
  const { model, modelFolder, inputs } = places;
  const input = textInput(options, { model, folder: modelFolder });
  const textOf = texts(items);
  const tokenizer = await openTokenizer(input.tokenizer);
  const { maxLength, padding, feeds } = tokenInputs(model, inputs, tokenizer, input);
  return {
    modality: 'text',
    size: items.size,
    preparation: { tokenizer: tokenizer.hash, 'pad-id': tokenizer.padId, 'max-length': maxLength, padding },
    async load(row) {
      const tokens = tokenizer.encode(textOf(row), maxLength);
      if (tokens.ids.length > 0) return tokens;
      throw new UserError(`${place(items, row, 'text')}: ${tokenizer.source} finds no tokens in it`);
    },
    collate: feeds,
    contentHash: async (row) => createHash('sha256').update(textOf(row)).digest('hex'),
    visualize: async (row) => shown(textOf(row)),
  };
}

/** The text of a row. @throws UserError for a table without texts; from the function for a row without one */
function texts(items: ItemTable): (row: number) => string {
  const column = columnNamed(items, 'text');
  if (!holdsTexts(column))
    throw new UserError(`${items.source}, column "text": ${column.type} where texts should be; give a column of strings`);
  return (row) => {
    const value = column.get(row) as string | null;
    if (value?.trim()) return value;
    throw new UserError(`${place(items, row, 'text')}: ${value === null ? 'no text' : 'an empty text'}; leave the row out`);
  };
}

function shown(whole: string): string {
  const part = excerpt(whole, SHOWN);
  const more = part === whole ? '' : ` <small>(${whole.length.toLocaleString('en')} characters)</small>`;
  return `<p>${escapeHtml(part)}${more}</p>`;
}
