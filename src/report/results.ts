/** Metric name -> value; null where the metric is not defined on the data (a warning says why). */
export type MetricValues = Readonly<Record<string, number | null>>;

/** Column -> value of the column (null is "(none)") -> metrics of the queries with that value. */
export type MetricGroups = Readonly<Record<string, Readonly<Record<string, MetricValues>>>>;

/** One step of the post-processing chain: how it was configured, and, in the results of a run, what it did. */
export interface PostprocessStep {
  readonly name: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Wall time during which it worked; steps overlap with one another and with the search. */
  readonly seconds?: number;
  /** Retrieved items of all queries, before and after it. */
  readonly results?: { readonly before: number; readonly after: number };
  /** What each metric gained by it, over all queries: the mean behind it less the mean before. */
  readonly change?: MetricValues;
}

/** How many of the true results an engine found. */
export interface Approximate {
  readonly engine: string;
  /** The mean share of the true k, against the exact engine. */
  readonly recall: number;
  /** Queries, a sample, that it was measured on. */
  readonly queries: number;
}

/** Weights that were chosen for a metric, and what they are worth. */
export interface Tuned {
  readonly metric: string;
  readonly weights: readonly number[];
  /** Of all queries with these weights, which were fitted to them. */
  readonly fitted: number;
  /** Of all queries, each with the weights that were chosen on the other folds. */
  readonly heldOut: number;
  /** Of all queries with equal weights. */
  readonly equal: number;
  readonly folds: readonly unknown[];
}

/** A model that made embeddings of items. */
export interface ModelUse {
  /** As it was asked for. */
  readonly name: string;
  readonly device: string;
  readonly dim: number;
  /** Items that it was given. */
  readonly items: number;
  /** Those of them that are broken, and were left out. */
  readonly skipped: number;
}

/**
 * The results JSON of every command that computes metrics. With post-processors `metrics` and `by` are those of the last RR_upd, and
 * `baseline` those of the RR before the first.
 */
export interface Results {
  readonly metrics: MetricValues;
  /** Keyed apart from `metrics`, so that a category may have any name. */
  readonly by: MetricGroups;
  readonly baseline?: { readonly metrics: MetricValues; readonly by: MetricGroups };
  /** Number of queries. */
  readonly queries: number;
  /** Number of gallery items; absent where saved results do not tell. */
  readonly gallery?: number;
  readonly k?: number;
  /** `score`: distances are negated scores of a run. */
  readonly distance?: string;
  readonly device?: string;
  /** There where the engine does not prove its answers. */
  readonly approximate?: Approximate;
  /** What embedded the items; absent where embeddings were given. */
  readonly model?: ModelUse;
  /** The same, where queries and gallery are two tables. */
  readonly models?: { readonly queries?: ModelUse; readonly gallery?: ModelUse };
  /** Transforms of the embeddings before the search; absent without one. */
  readonly transform?: readonly PostprocessStep[];
  readonly postprocess: readonly PostprocessStep[];
  /** How the weights of a fusion were chosen. */
  readonly tuned?: Tuned;
  /** Seconds of wall time by stage. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}
