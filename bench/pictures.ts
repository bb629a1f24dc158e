import { Random } from './random.js';

/** What the siamese model of the icons takes. */
export const SHAPE = [1, 64, 64];
const SIZE = SHAPE.reduce((product, side) => product * side, 1);

/** Pictures of that shape: noise, which takes a model as long as drawings do. */
export function pictures(count: number, seed: number): Float32Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => Float32Array.from({ length: SIZE }, () => random.uniform()));
}

/** Pictures one after the other, as one input of a model. */
export function stack(images: readonly Float32Array[]): Float32Array {
  const data = new Float32Array(images.length * SIZE);
  for (const [i, image] of images.entries()) data.set(image, i * SIZE);
  return data;
}
