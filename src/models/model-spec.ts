import { z } from 'zod';
import { didYouMean, UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';

/** How vectors of tokens become one, for a model that does not pool: the mean over the tokens that are no padding, the first token, or the largest of each value. */
export const POOLINGS = ['mean', 'cls', 'max'] as const;
export type Pooling = (typeof POOLINGS)[number];

/**
 * What has to be known of an ONNX model before it can be used: it comes with the model (in its metadata under the key `rankstream`, as a YAML or JSON file
 * of its name beside it, or from the zoo), so that defaults belong to the model and not to the code.
 */
export interface ModelSpec {
  /** Which dataset makes its input: `image`, `text`, `audio`, `tensor`, or one that was registered. */
  readonly modality: string;
  /** How an item becomes the input (transform, tokenizer, seconds, ...): the options of the modality, which checks them. */
  readonly input: JsonObject;
  /** The output to take, where there are several. */
  readonly output?: string;
  /** For an output [batch, tokens, dim]. */
  readonly pooling?: Pooling;
  /** A projection behind the model, from the model's folder on: ONNX [batch, dim] -> [batch, out], or npy [out, dim]. */
  readonly head?: string;
  /** Whether vectors are scaled to length 1, last of all. */
  readonly normalise?: boolean;
}

const schema = z.strictObject({
  modality: z.string('must be the name of a modality, for example image'),
  input: z.record(z.string(), z.unknown(), 'must be a mapping').default({}),
  output: z.string('must be the name of an output').optional(),
  pooling: z.enum(POOLINGS, `must be one of ${POOLINGS.join(', ')}`).optional(),
  head: z.string('must be the path of a projection, .onnx or .npy').optional(),
  normalise: z.boolean('must be true or false').optional(),
});

/**
 * Checks what was read as JSON or YAML.
 * @param where names the file, for messages
 * @throws UserError naming the key, and the nearest one there is
 */
export function parseModelSpec(given: unknown, where: string): ModelSpec {
  const { data, error } = schema.safeParse(given);
  if (!error) return data as ModelSpec;
  // A name that is mistyped is also one that is missing: that is told first.
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    throw new UserError(`${where}: unknown key "${key}" in the description of a model${didYouMean(key, Object.keys(schema.shape))}`);
  }
  throw new UserError(`${where}: ${issue.path.join('.') || 'the description of a model'}: ${issue.message}`);
}
