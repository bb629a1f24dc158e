import type { ModelSpec } from '../model-spec.js';

/** A model that is on this machine. */
export interface FoundModel {
  /** As it was asked for. */
  readonly name: string;
  /** The ONNX file. */
  readonly file: string;
  /** What the zoo knows of it; what stands in the file or beside it otherwise. */
  readonly spec?: ModelSpec;
}

/** A model by its path. */
export async function findModel(name: string): Promise<FoundModel> {
  return { name, file: name };
}
