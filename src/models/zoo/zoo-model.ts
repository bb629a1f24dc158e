import type { ModelSpec } from '../model-spec.js';

/** One file of a model. */
export interface ZooFile {
  /** Its name on this machine. */
  readonly name: string;
  /** Where it stands in the repository of the hub. */
  readonly path: string;
  /** Hexadecimal. Where it is not known, the sum of the first download is kept, and later ones are compared with it. */
  readonly sha256?: string;
  /** Exact. */
  readonly bytes?: number;
  /** As the page of the hub rounds it, where no more is known. */
  readonly megabytes?: number;
}

/** A model that can be asked for by its name. */
export interface ZooModel {
  readonly name: string;
  readonly about: string;
  /** `extractor`: an embedding of each item; `pairwise`: a distance of two items, for re-ranking. */
  readonly kind: 'extractor' | 'pairwise';
  readonly spec: ModelSpec;
  /** Length of an embedding. */
  readonly dim?: number;
  /** Shapes of the inputs by their names; `input` is the only one of a model, whatever it is called. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  /** By its SPDX identifier. */
  readonly licence: string;
  /** The name of the same weights in OML's zoo. */
  readonly oml?: string;
  /** What else should be known. */
  readonly note?: string;
  /** A repository on huggingface.co and its revision; none: it comes with the package. */
  readonly hub?: { readonly repo: string; readonly revision: string };
  /** The ONNX file first. */
  readonly files: readonly ZooFile[];
}
