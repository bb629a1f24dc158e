import { z } from 'zod';
import { didYouMean, UserError } from '../../data/errors.js';
import { NAMED } from './named.js';

const side = z.int('must be a whole number of pixels').min(1, 'must be at least 1').max(16384, 'must be at most 16384');
const sides = z.tuple([side, side], 'must be [height, width]');
const size = z.union([side, sides], 'must be a number of pixels, or [height, width]');
const byte = z.int('must be a whole number').min(0, 'must be 0 to 255').max(255, 'must be 0 to 255');
const value = z.union([byte, z.tuple([byte, byte, byte])], 'must be 0 to 255, or three of these');
const numbers = z.union([z.number(), z.array(z.number()).min(1)], 'must be a number, or one for each channel');

/** Of values 0 to 1, with room for whoever wants another range. */
const MOST_MEAN = 2;

const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'area'] as const;

/** The arguments of each step. */
const STEPS = {
  resize: z.strictObject({
    size,
    edge: z.enum(['shorter', 'longest'], 'must be shorter or longest').optional(),
    interpolation: z.enum(INTERPOLATIONS, `must be one of ${INTERPOLATIONS.join(', ')}`).default('bilinear'),
    antialias: z.boolean('must be true or false').default(true),
  }),
  'center-crop': z.strictObject({ size }),
  pad: z.strictObject({
    size: z.union([size, z.literal('square')], 'must be a number of pixels, [height, width] or square'),
    value: value.default(0),
  }),
  channels: z.enum(['gray', 'rgb', 'bgr'], 'must be gray, rgb or bgr'),
  normalise: z.strictObject({ mean: numbers, std: numbers }),
};

type Steps = typeof STEPS;
/** One step of a transform, for example `{ resize: { size: 256, interpolation: 'bicubic', antialias: true } }`. */
export type Step = { [Name in keyof Steps]: { readonly [N in Name]: z.infer<Steps[Name]> } }[keyof Steps];

/** How a picture becomes a tensor: its steps in their order. Float32 [channels, height, width] of (v / 255 - mean) / std comes behind the last. */
export type Transform = readonly Step[];

/**
 * Reads a transform as it stands in YAML or JSON: a list of steps, the name of one of OML's, or such a name with its arguments.
 * What comes out has no defaults that are not written down, and is read as itself again.
 *
 * Steps, each a mapping of its name to its arguments:
 * - `resize`: `size`, a number of pixels for one side (`edge: shorter`, as torchvision, or `longest`, as albumentations' LongestMaxSize) or [height, width];
 *   `interpolation` nearest, bilinear (default), bicubic or area; `antialias` true (default) as Pillow resizes, and torchvision with it, false as OpenCV;
 * - `center-crop`: `size`, one number for both or [height, width]; smaller pictures get black edges, as in torchvision;
 * - `pad`: to `size` at least, or to a `square`; `value` 0 to 255 or three of them (default 0);
 * - `channels`: gray, rgb (default) or bgr;
 * - `normalise`: `mean` and `std`, of values 0 to 1; the last step.
 *
 * @param where names the file, for messages
 * @throws UserError naming step and argument, and the nearest name there is
 * @example parseTransform([{ resize: { size: 256 } }, { 'center-crop': { size: 224 } }], 'model.yaml')
 * @example parseTransform({ name: 'norm_resize_torch', size: 224 }, 'model.yaml')
 */
export function parseTransform(given: unknown, where: string): Transform {
  if (!Array.isArray(given)) return parseTransform(expand(given, where), where);
  const steps = given.map((step, i) => parseStep(step, `${where}: step ${i + 1} of the transform`));
  checkOrder(steps, where);
  return steps;
}

/** The number of channels that a transform ends with. */
export function channelsOf(steps: Transform): 1 | 3 {
  return steps.some((step) => 'channels' in step && step.channels === 'gray') ? 1 : 3;
}

function parseStep(given: unknown, where: string): Step {
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  const [name] = names;
  if (names.length !== 1) throw new UserError(`${where} must be a mapping of one name to its arguments, for example resize: { size: 224 }`);
  if (!Object.hasOwn(STEPS, name)) {
    const known = Object.keys(STEPS);
    throw new UserError(`${where}: unknown step "${name}" (there are: ${known.join(', ')})${didYouMean(name, known)}`);
  }
  const schema = STEPS[name as keyof Steps];
  const values = checked<object>(schema, (given as Record<string, unknown>)[name], `${where}, ${name}`);
  if (name === 'resize' && 'edge' in values && 'size' in values && typeof values.size !== 'number') {
    throw new UserError(`${where}, resize: edge goes with one side, not with [height, width]`);
  }
  return { [name]: values } as Step;
}

function expand(given: unknown, where: string): unknown {
  const { name, ...more } = typeof given === 'string' ? { name: given } : ((given ?? {}) as Record<string, unknown>);
  if (typeof given !== 'string' && (typeof given !== 'object' || typeof name !== 'string')) {
    throw new UserError(`${where}: a transform is a list of steps, or a name (${Object.keys(NAMED).join(', ')})`);
  }
  const known = String(name);
  if (!Object.hasOwn(NAMED, known)) {
    throw new UserError(
      `${where}: unknown transform "${known}" (there are: ${Object.keys(NAMED).join(', ')})${didYouMean(known, Object.keys(NAMED))}`,
    );
  }
  const { defaults, steps } = NAMED[known];
  const shape = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => {
      const schema = key === 'size' || key === 'crop' ? side : numbers;
      return [key, value === undefined ? schema : schema.default(value as never)];
    }),
  );
  return steps(checked(z.strictObject(shape), more, `${where}: ${known}`));
}

/** @throws UserError naming the argument that is wrong */
function checked<T>(schema: z.ZodType, given: unknown, where: string): T {
  const { data, error } = schema.safeParse(given);
  if (!error) return data as T;
  const [issue] = error.issues;
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const [key] = issue.keys;
    throw new UserError(`${where}: unknown argument "${key}" (there are: ${known.join(', ')})${didYouMean(key, known)}`);
  }
  const [argument] = issue.path;
  const missing = argument !== undefined && (given as Record<PropertyKey, unknown>)[argument] === undefined;
  throw new UserError(
    `${where}: ${argument === undefined ? '' : `${String(argument)} `}${missing ? 'is missing; it ' : ''}${issue.message}`,
  );
}

/** What no step alone can tell. */
function checkOrder(steps: Transform, where: string): void {
  const names = steps.map((step) => Object.keys(step)[0]);
  if (names.filter((name) => name === 'channels').length > 1) throw new UserError(`${where}: a transform has one step "channels" at most`);
  const gray = steps.findIndex((step) => 'channels' in step && step.channels === 'gray');
  if (gray >= 0 && steps.slice(gray).some((step) => 'pad' in step && typeof step.pad.value !== 'number')) {
    throw new UserError(`${where}: pad has a value for each of three channels, but the picture is gray by then`);
  }
  const at = names.indexOf('normalise');
  if (at < 0) return;
  if (at !== names.length - 1)
    throw new UserError(`${where}: normalise must be the last step of the transform, not step ${at + 1} of ${names.length}`);
  const { normalise } = steps[at] as Extract<Step, { normalise: unknown }>;
  const channels = channelsOf(steps);
  for (const [name, given] of Object.entries(normalise)) {
    if (Array.isArray(given) && given.length !== channels) {
      throw new UserError(
        `${where}: normalise has ${given.length} values for ${name}, but the picture has ${channels === 1 ? '1 channel' : '3 channels'}`,
      );
    }
  }
  const large = [normalise.mean].flat().find((mean) => Math.abs(mean) > MOST_MEAN);
  if (large !== undefined)
    throw new UserError(`${where}: normalise has a mean of ${large}, where values are 0 to 1; divide mean and std of bytes by 255`);
  if ([normalise.std].flat().includes(0)) throw new UserError(`${where}: normalise divides by a std of 0`);
}
