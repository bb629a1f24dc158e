import type { z } from 'zod';
import { didYouMean, UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';

/**
 * The options of a modality, checked, with the defaults filled in.
 * @param where names the model, for messages
 * @throws UserError naming the option, and the nearest one there is for one that is unknown
 */
export function parseInputOptions<T extends z.ZodObject>(schema: T, given: JsonObject, where: string): z.infer<T> {
  const { data, error } = schema.safeParse(given);
  if (!error) return data as z.infer<T>;
  // A name that is mistyped is also one that is missing: that is told first.
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    throw new UserError(`${where}: unknown option "${key}" of the input${didYouMean(key, Object.keys(schema.shape))}`);
  }
  throw new UserError(`${where}: input.${issue.path.join('.')}: ${issue.message}`);
}
