import { z } from 'zod';
import type { JsonObject } from '../../data/json.js';
import { parseInputOptions } from '../../models/parse-options.js';
import { parseTransform, type Transform } from '../../models/transforms/index.js';

/** How a picture file becomes pixels. */
export interface DecodeOptions {
  /** Whether a picture is turned as its EXIF orientation says; its box is in stored coordinates all the same. */
  readonly exif: boolean;
  /** Dots per inch at which SVG is drawn; at 72 one of its units is a pixel. */
  readonly density: number;
  /** What transparent pictures stand on, `#rrggbb`; `none`: their alpha channel is dropped, as OML does. */
  readonly background: string;
}

export interface ImageOptions extends DecodeOptions {
  readonly transform: Transform;
}

const schema = z.strictObject({
  transform: z
    .unknown()
    .refine((given) => given !== undefined, 'is missing; give the steps that the model was trained with, or their name'),
  exif: z.boolean('must be true or false').default(false),
  density: z.number('must be a number of dots per inch').min(1, 'must be at least 1').max(100_000, 'must be at most 100000').default(72),
  background: z
    .string('must be #rrggbb or none')
    .regex(/^(#[0-9a-f]{6}|none)$/i, 'must be #rrggbb or none')
    .default('#ffffff'),
});

/**
 * @param given `input` of the model's description
 * @param where names the model, for messages
 * @throws UserError naming the option, or the step of the transform
 */
export function parseImageOptions(given: JsonObject, where: string): ImageOptions {
  const { transform, ...decoding } = parseInputOptions(schema, given, where);
  return { ...decoding, transform: parseTransform(transform, where) };
}

/** The options as they are written, with every default. */
export function writtenOptions({ transform, exif, density, background }: ImageOptions): JsonObject {
  return { transform: transform as unknown as JsonObject[], exif, density, background };
}
