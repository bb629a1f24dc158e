import { interpolate } from './interpolate.js';
import { fileLayers, mergeLayers, overrideLayer, whereIs } from './layers.js';
import type { Mapping } from './yaml-file.js';

/** A config as it was written, with defaults, overrides and references resolved. */
export interface LoadedConfig {
  readonly values: Mapping;
  /** The file, or the override, in which a value stands; for messages. */
  where(path: readonly PropertyKey[]): string;
}

/**
 * Reads a config file and those that it names as `defaults`; overrides win.
 * @param overrides as they are typed: `k=50`, `model.device=webgpu`
 * @throws UserError for what is wrong with a file, an override or a reference
 */
export async function loadConfig(file: string, overrides: readonly string[] = []): Promise<LoadedConfig> {
  const layers = [...(await fileLayers(file)), ...overrides.map(overrideLayer)];
  const where = (path: readonly PropertyKey[]) => whereIs(layers, path) ?? file;
  return { values: interpolate(mergeLayers(layers), where), where };
}
