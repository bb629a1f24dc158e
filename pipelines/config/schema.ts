import { z } from 'zod';
import { didYouMean, UserError } from '../../src/data/errors.js';
import { issueToTell } from '../../src/data/zod-issue.js';
import { camel, OPTIONS, type OptionName, type Options } from '../options.js';
import type { LoadedConfig } from './load.js';

/** A mapping that has no other names than these; each may be absent. */
export function strict<S extends z.ZodRawShape>(shape: S) {
  return z
    .strictObject(shape, {
      error: ({ code, ...issue }) =>
        code === 'unrecognized_keys'
          ? nearest((issue as { keys: string[] }).keys[0], Object.keys(shape))
          : 'must be a mapping "name: value"',
    })
    .partial();
}

/** The parts of `model`, and the options that they are. */
const MODEL_PARTS = { name: 'model', device: 'model-device', batch: 'model-batch' } as const satisfies Record<string, OptionName>;

/** What an unknown name may have meant. */
function nearest(name: string, known: readonly string[]): string {
  const part = Object.entries(MODEL_PARTS).find(([, option]) => option === name)?.[0];
  return part !== undefined && known.includes('model') ? `; did you mean "model.${part}"?` : didYouMean(name, known);
}

const model = z
  .preprocess(
    (given) => (typeof given === 'string' ? { name: given } : given),
    strict({ name: OPTIONS.model.type, device: OPTIONS['model-device'].type, batch: OPTIONS['model-batch'].type }),
  )
  .transform((parts) =>
    Object.fromEntries(Object.entries(parts).map(([part, value]) => [MODEL_PARTS[part as keyof typeof MODEL_PARTS], value])),
  );

/** Options of a command as names of a config: their values are checked as those of flags; `model` may be a name, or a mapping of its parts. */
export function optionShape(names: readonly OptionName[]): Record<string, z.ZodType> {
  const parts: readonly string[] = Object.values(MODEL_PARTS);
  const plain = names.filter((name) => !parts.includes(name)).map((name) => [name, OPTIONS[name].type.optional()]);
  return { ...Object.fromEntries(plain), ...(names.includes('model') ? { model: model.optional() } : {}) };
}

/** What `optionShape` checked, as options in code. @param layers later ones win */
export function asOptions(...layers: readonly Readonly<Record<string, unknown>>[]): Options {
  const flat = layers.flatMap(({ model: parts = {}, ...others }) => Object.entries({ ...others, ...(parts as object) }));
  return Object.fromEntries(flat.filter(([, value]) => value !== undefined).map(([name, value]) => [camel(name), value])) as Options;
}

/** @throws UserError that tells the file (or the override), the dotted path, and for an unknown name the nearest one */
export function checkConfig<T>(schema: z.ZodType<T>, { values, where }: LoadedConfig): T {
  const { data, error } = schema.safeParse(values);
  if (!error) return data;
  const issue = issueToTell(error);
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0]];
    throw new UserError(`${where(path)}: unknown name "${path.join('.')}"${issue.message}`);
  }
  const given = issue.path.reduce<unknown>((value, name) => (value as Record<PropertyKey, unknown> | undefined)?.[name], values);
  throw new UserError(
    `${where(issue.path)}: ${issue.path.join('.')}: ${issue.message}${given === undefined ? '' : `, not ${JSON.stringify(given)}`}`,
  );
}
