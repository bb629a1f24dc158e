import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { JsonObject } from '../data/json.js';
import { parseInputOptions } from './parse-options.js';
import type { TokenOptions } from './token-feeds.js';

const schema = z.strictObject({
  tokenizer: z.string('must be the path of a tokenizer.json').default('tokenizer.json'),
  'max-length': z.int('must be a number of tokens').positive('must be a positive number of tokens').optional(),
  padding: z.enum(['longest', 'max'], 'must be longest or max').optional(),
});

/** How a model takes texts. */
export interface TextInput extends TokenOptions {
  /** Path of its tokenizer.json. */
  readonly tokenizer: string;
}

/**
 * Reads the `input` of a description of a model of texts.
 * @param model for messages
 * @param folder of the model, where the path of the tokenizer starts
 * @throws UserError naming the option
 */
export function textInput(options: JsonObject, { model, folder }: { readonly model: string; readonly folder: string }): TextInput {
  const { tokenizer, 'max-length': maxLength, padding } = parseInputOptions(schema, options, model);
  return { tokenizer: isAbsolute(tokenizer) ? tokenizer : join(folder, tokenizer), maxLength, padding };
}
