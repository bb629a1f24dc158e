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
 * @param wanted the shape that a model takes, [channels, height, width]; a text is a side that may have any length
 * @throws UserError when the transform gives another
 */
export function refuseMisfit(steps: Transform, wanted: readonly (number | string)[], model: string): void {
  const shape = transformedShape(steps);
  const fits = wanted.length === 3 && wanted.every((side, i) => typeof side === 'string' || side === shape[i]);
  if (fits) return;
  const gives = `the transform gives [${shape.join(', ')}]`;
  const takes = `the model takes [${wanted.join(', ')}]`;
  const [channels, height, width] = wanted;
  const open = wanted.length === 3 && [height, width].some((side, i) => typeof side === 'number' && typeof shape[i + 1] === 'string');
  const advice = open && (channels === shape[0] || typeof channels === 'string') ? `; add resize: { size: [${height}, ${width}] }` : '';
  throw new UserError(`${model}: ${gives}, but ${takes}${advice}`);
}
