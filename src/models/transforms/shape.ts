import { UserError } from '../../data/errors.js';
import { paddedSides, resizedSides, type Sides, sidesOf } from './geometry.js';
import { channelsOf, type Transform } from './steps.js';

/** What is known of a picture's sides without the picture. */
type Known = { readonly sides: Sides } | { readonly longest: number } | undefined;

/** The shape that a transform gives, [channels, height, width]; a text is a side that each picture has of its own. */
export function transformedShape(steps: Transform): readonly (number | string)[] {
  let known: Known;
  for (const step of steps) {
    if ('resize' in step) {
      const { size, edge } = step.resize;
      if (known && 'sides' in known) known = { sides: resizedSides(step.resize, known.sides) };
      else known = typeof size !== 'number' ? { sides: size } : edge === 'longest' ? { longest: size } : undefined;
    } else if ('center-crop' in step) known = { sides: sidesOf(step['center-crop'].size) };
    else if ('pad' in step) known = padded(step.pad.size, known);
  }
  return [channelsOf(steps), ...(known && 'sides' in known ? known.sides : ['height', 'width'])];
}

function padded(size: number | readonly [number, number] | 'square', known: Known): Known {
  if (!known) return undefined;
  if ('sides' in known) return { sides: paddedSides(size, known.sides) };
  const sides = sidesOf(size === 'square' ? known.longest : size);
  return Math.min(...sides) >= known.longest ? { sides } : undefined;
}

/**
 * Checks what a transform gives: before the first picture, by `transformedShape`, where a side that each picture has of its own may turn out to fit, and
 * then the shape of each.
 * @param shape [channels, height, width]; a text is a side that is not known
 * @param wanted the shape that a model takes; a text is a side that may have any length
 * @throws UserError when it is not what the model takes
 */
export function refuseMisfit(shape: readonly (number | string)[], wanted: readonly (number | string)[], model: string): void {
  const fits =
    wanted.length === 3 && wanted.every((side, i) => typeof side === 'string' || typeof shape[i] === 'string' || side === shape[i]);
  if (fits) return;
  const [channels, height, width] = wanted;
  const sized = wanted.length === 3 && (typeof channels === 'string' || channels === shape[0]);
  const resize = typeof height === 'number' && typeof width === 'number' ? `; resize to size: [${height}, ${width}]` : '';
  const colours = channels === 1 ? '; add the step channels: gray' : channels === 3 ? '; take channels: rgb' : '';
  const advice = sized ? resize : wanted.length === 3 ? colours : '';
  throw new UserError(`the transform gives [${shape.join(', ')}], but ${model} takes [${wanted.join(', ')}]${advice}`);
}
