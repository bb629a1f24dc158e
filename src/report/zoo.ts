import type { JsonObject } from '../data/json.js';

/** One file of a model, for people and for JSON. */
export interface ListedFile {
  readonly name: string;
  /** Where it stands on this machine, or would. */
  readonly path: string;
  readonly here: boolean;
  /** Where it comes from; null for one that comes with the package. */
  readonly url: string | null;
  /** Exact, or as the hub's page rounds it. */
  readonly bytes: number;
  readonly exact: boolean;
  /** Null where it is not known: the sum of the first download is kept then. */
  readonly sha256: string | null;
  /** The sum that was found when the file came here. */
  readonly found: string | null;
}

/** A model of the zoo. */
export interface ListedModel {
  readonly name: string;
  readonly about: string;
  readonly kind: string;
  /** As it stands in a YAML file beside a model. */
  readonly spec: JsonObject;
  readonly dim: number | null;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly licence: string;
  readonly source: string;
  readonly oml: string | null;
  readonly note: string | null;
  /** Whether all of its files are on this machine. */
  readonly here: boolean;
  readonly files: readonly ListedFile[];
}

/** What `rankstream zoo` prints as JSON. */
export interface ZooListing {
  /** Folder of downloads. */
  readonly cache: string;
  readonly models: readonly ListedModel[];
}
