import { didYouMean, UserError } from '../data/errors.js';
import { audio } from './audio.js';
import { image } from './image.js';
import type { Modality } from './modality.js';
import { tensor } from './tensor.js';
import { text } from './text.js';

/** The modalities, by name: a table of contents. */
const MODALITIES = new Map<string, Modality>([image, text, audio, tensor].map((modality) => [modality.name, modality]));

/** Makes a modality known to every command. @throws UserError when there is one of this name already */
export function registerModality(modality: Modality): void {
  if (MODALITIES.has(modality.name)) throw new UserError(`there is a modality "${modality.name}" already`);
  MODALITIES.set(modality.name, modality);
}

/**
 * A modality by its name.
 * @param model whose description names it, for messages
 * @throws UserError with the nearest name
 */
export function modalityOf(name: string, model?: string): Modality {
  const known = MODALITIES.get(name);
  if (known) return known;
  const where = model === undefined ? '' : `${model}: `;
  const names = modalityNames();
  throw new UserError(`${where}unknown modality "${name}" (there are: ${names.join(', ')})${didYouMean(name, names)}`);
}

/** The names of all modalities, the registered ones last. */
export function modalityNames(): string[] {
  return [...MODALITIES.keys()];
}
