import type { Step } from './steps.js';

/** [height, width] */
export type Sides = readonly [height: number, width: number];

type ResizeSize = Extract<Step, { resize: unknown }>['resize'];

export function sidesOf(size: number | readonly [number, number]): Sides {
  return typeof size === 'number' ? [size, size] : size;
}

/**
 * The size that a picture is resized to. One side given: the other is cut off to whole pixels for the shorter (torchvision's
 * `_compute_resized_output_size`), and rounded for the longest (albumentations' `LongestMaxSize`).
 */
export function resizedSides({ size, edge = 'shorter' }: ResizeSize, [height, width]: Sides): Sides {
  if (typeof size !== 'number') return size;
  if (edge === 'longest') {
    const scale = size / Math.max(height, width);
    return [Math.max(1, roundEven(height * scale)), Math.max(1, roundEven(width * scale))];
  }
  // A strip so thin that nothing would be left keeps a pixel.
  const long = Math.max(1, Math.trunc((size * Math.max(height, width)) / Math.min(height, width)));
  return width <= height ? [long, size] : [size, long];
}

/** What a picture is padded to. */
export function paddedSides(size: number | readonly [number, number] | 'square', [height, width]: Sides): Sides {
  const [h, w] = size === 'square' ? sidesOf(Math.max(height, width)) : sidesOf(size);
  return [Math.max(h, height), Math.max(w, width)];
}

/** To the nearest integer, the middle to the even one, as Python's `round` and C's `lrint`. */
export function roundEven(x: number): number {
  const down = Math.floor(x);
  const part = x - down;
  return part < 0.5 || (part === 0.5 && down % 2 === 0) ? down : down + 1;
}
