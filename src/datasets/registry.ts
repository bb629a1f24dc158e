import { didYouMean, UserError } from '../data/errors.js';
import type { Modality } from './modality.js';
import { text } from './text.js';

/** The modalities, by name: a table of contents. */
const MODALITIES = new Map<string, Modality>([text].map((modality) => [modality.name, modality]));

/** Makes a modality known to every command. @throws UserError when there is one of this name already */
export function registerModality(modality: Modality): void {
  if (MODALITIES.has(modality.name)) throw new UserError(`there is a modality "${modality.name}" already`);
  MODALITIES.set(modality.name, modality);
}

/** @throws UserError with the nearest name */
export function modalityOf(name: string): Modality {
  const known = MODALITIES.get(name);
  if (known) return known;
  throw new UserError(`unknown modality "${name}" (there are: ${[...MODALITIES.keys()].join(', ')})${didYouMean(name, MODALITIES.keys())}`);
}
