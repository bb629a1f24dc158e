import { z } from 'zod';
import { DISTANCES } from '../src/data/matrix.js';
import { DEVICES } from '../src/runtime/devices.js';
import { byteSize, columnNames, count, names, numbers, ROLE_NAMES, repeated, rows, wholeNumber } from './option-values.js';

/** One option: its name is the same as a flag, in a config file, and (in camel case) in code. */
interface Option {
  /** One letter that may be written instead, with one dash. */
  readonly short?: string;
  /** What follows the flag, for example `<file>`; none: a switch. `...` at the end: it may be repeated. */
  readonly argument?: string;
  readonly help: string;
  readonly type: z.ZodType;
  /** A switch that is on, and is written `--no-...` to turn it off. */
  readonly negated?: boolean;
  /** It is what stands behind the name of the command, without a flag. */
  readonly positional?: boolean;
}

const WHERE = ['auto', ...DEVICES] as const;
/** What can search; pgvector is for code alone. */
const ENGINES = ['exact', 'hnsw', 'tfjs'] as const;

/** Every option of every command. */
export const OPTIONS = {
  items: { help: 'the table, or the saved results: the argument of the command', type: z.string(), positional: true },
  inputs: { help: 'the files: the arguments of a command that takes several', type: repeated, positional: true },
  queries: { argument: '<file>', help: 'queries (Parquet, Arrow, CSV or npy; `-`: Arrow stream on stdin)', type: z.string() },
  gallery: { argument: '<file>', help: 'gallery to search', type: z.string() },
  run: {
    argument: '<file>',
    help: 'a run to measure: TREC, ranx JSON, BEIR TSV or JSON lines, also gzipped (`-`: stdin)',
    type: z.string(),
  },
  qrels: {
    argument: '<file>',
    help: 'what is relevant: TREC qrels, ranx JSON, BEIR TSV or JSON lines; evaluate: by the ids of queries and gallery, in place of labels; compare: the inputs are runs',
    type: z.string(),
  },
  complete: {
    short: 'c',
    help: 'queries of the qrels that the run lacks count as empty (-c of trec_eval; default: they are left out)',
    type: z.boolean(),
  },
  depth: { short: 'M', argument: '<number>', help: 'documents of each query to look at (-M of trec_eval; default: all)', type: count },
  embeddings: { argument: '<file.npy>', help: 'embeddings of ITEMS, row by row, where the table has none', type: z.string() },
  column: {
    argument: '<role=name...>',
    help: `which column plays a role (${ROLE_NAMES})`,
    type: z.unknown().transform(columnNames),
  },
  'same-id': { help: 'equal ids in queries and gallery are the same item, which is not its own result', type: z.boolean() },
  k: {
    argument: '<number>',
    help: 'items to retrieve for each query (default: 100, or the largest cut-off among the metrics)',
    type: count,
  },
  radius: {
    argument: '<number>',
    help: 'retrieve all items whose distance is at most this, instead of the k nearest',
    type: z.coerce.number('must be a number'),
  },
  distance: {
    argument: `<${DISTANCES.join('|')}>`,
    help: 'default: l2',
    type: z.enum(DISTANCES, `must be one of ${DISTANCES.join(', ')}`),
  },
  device: {
    argument: `<${WHERE.join('|')}>`,
    help: 'where to search, or to run a model (default: auto, which is cuda, else webgpu, else cpu)',
    type: z.enum(WHERE, `must be one of ${WHERE.join(', ')}`),
  },
  precision: {
    argument: '<exact|float32>',
    help: 'float32 leaves away the proof that nothing nearer was missed (default: exact)',
    type: z.enum(['exact', 'float32'], 'must be exact or float32'),
  },
  engine: {
    argument: `<${ENGINES.join('|')}>`,
    help: 'what searches (default: exact); the recall of hnsw and tfjs is measured against exact, and told',
    type: z.enum(ENGINES, `must be one of ${ENGINES.join(', ')}`),
  },
  ef: { argument: '<number>', help: 'candidates of an hnsw search (default: 200): more find more, and take longer', type: count },
  index: { argument: '<file>', help: 'hnsw index: read where it is there, else built and saved', type: z.string() },
  transform: {
    argument: '<spec...>',
    help: 'changes embeddings before the search, for example "pca:64 | qe:n=5,alpha=3 | dba:n=5"; repeating the option continues the chain',
    type: repeated,
  },
  with: {
    argument: '<spec...>',
    help: 'post-processors, for example "constant:0.8 | top:50"; repeating the option continues the chain (tune: 0.5..1/0.1 and {5,10} try values)',
    type: repeated,
  },
  metrics: {
    argument: '<names>',
    help: 'for example cmc@1,precision@5,map@10',
    type: z.union([z.string(), z.array(z.string())], 'must be names, as a list or separated by commas'),
  },
  metric: { argument: '<name>', help: 'what to tune for, for example map@10; error rates are minimised', type: z.string() },
  folds: { argument: '<number>', help: 'parts of the queries, each of which is held out once (default: 5)', type: count },
  method: {
    argument: '<spec>',
    help: 'how to fuse: sum, mnz, borda, rrf:k=60, rbc:phi=0.8, ... (default: rrf, and sum where there are weights)',
    type: z.string(),
  },
  normalise: { argument: '<name>', help: 'how the scores of different retrievals become comparable (default: min-max)', type: z.string() },
  weights: { argument: '<numbers>', help: 'a weight for each retrieval, for example 0.2,0.8', type: numbers },
  'tune-weights': {
    argument: '<metric>',
    help: 'choose the weights for a metric, and tell what they are worth on held-out queries',
    type: z.string(),
  },
  'weight-step': {
    argument: '<number>',
    help: 'steps in which weights are tried (default: 0.1)',
    type: z.coerce.number('must be a number'),
  },
  'relevance-level': {
    short: 'l',
    argument: '<number>',
    help: 'relevant is what has at least this gain, to the IR measures that name no level themselves (-l of trec_eval; default: 1)',
    type: count,
  },
  format: {
    argument: '<trec_eval>',
    help: "print trec_eval's report, digit for digit, instead of a table",
    type: z.enum(['trec_eval'], 'must be trec_eval'),
  },
  'each-query': { short: 'q', help: 'with --format trec_eval: lines for each query too (-q of trec_eval)', type: z.boolean() },
  by: { argument: '<columns>', help: 'query columns by whose values the metrics are also computed, for example category', type: names },
  pairs: {
    argument: '<all|retrieved>',
    help: 'pairs that fnmr, tar, eer, best-f1 and threshold are about (default: all)',
    type: z.enum(['all', 'retrieved'], 'must be all or retrieved'),
  },
  results: { argument: '<file>', help: 'write the retrieval results (.arrow, .arrows, .parquet)', type: z.string() },
  'save-relevance': { help: 'write the relevant gallery rows of each query with the results', type: z.boolean() },
  'per-query': { argument: '<file>', help: 'write the metrics of every query (.arrow, .parquet)', type: z.string() },
  'save-state': {
    argument: '<file>',
    help: 'write what was accumulated, for `rankstream merge`: queries of several processes are measured as one',
    type: z.string(),
  },
  out: {
    short: 'o',
    argument: '<file>',
    help: 'write the metrics as JSON; for search, postprocess and fuse: the results file; for extract and convert: the table',
    type: z.string(),
  },
  report: { argument: '<file.html>', help: 'write a page that shows the queries that fail', type: z.string() },
  worst: { argument: '<number>', help: 'worst queries to show in the report (default: 5)', type: count },
  'worst-by': {
    argument: '<metric>',
    help: 'metric that tells which queries are worst (default: the first of the metrics)',
    type: z.string(),
  },
  'queries-to-show': { argument: '<rows>', help: 'queries to show in the report, for example 0,17', type: rows },
  bboxes: { negated: true, help: 'leave out the boxes of the data set', type: z.boolean() },
  'official-split': {
    help: "cub and cars: the set's own pictures to train and to test with (default: one half of the classes trains, the other validates)",
    type: z.boolean(),
  },
  model: {
    argument: '<name>',
    help: 'model that makes embeddings of the items: of the zoo, or an ONNX file',
    type: z.string('must be a name or a file'),
  },
  'query-model': { argument: '<name>', help: 'model of the queries, where it is another than that of the gallery', type: z.string() },
  'gallery-model': { argument: '<name>', help: 'model of the gallery', type: z.string() },
  'model-device': {
    argument: `<${WHERE.join('|')}>`,
    help: 'where the models run (default: as --device)',
    type: z.enum(WHERE, `must be one of ${WHERE.join(', ')}`),
  },
  'model-batch': { argument: '<number>', help: 'items in one run of a model (default: 64, fewer where they are large)', type: count },
  print: { help: 'print the resolved config instead of running it', type: z.boolean() },
  registry: {
    help: 'print what a config can name: pipelines, metrics, post-processors, transforms, modalities, models',
    type: z.boolean(),
  },
  root: { argument: '<folder>', help: 'folder of the `path` column (default: the folder of the table)', type: z.string() },
  permutations: { argument: '<number>', help: 'assignments drawn for the randomisation test (default: 10000)', type: count },
  resamples: { argument: '<number>', help: 'samples drawn for the bootstrap intervals (default: 2000)', type: count },
  seed: { argument: '<number>', help: 'decides what is drawn at random (default: 0)', type: wholeNumber },
  top: { argument: '<number>', help: 'queries to name that gained and lost most (default: 5)', type: wholeNumber },
  markdown: { help: 'print the table as Markdown', type: z.boolean() },
  latex: { help: 'print the table as LaTeX (booktabs)', type: z.boolean() },
  batch: {
    argument: '<number>',
    help: 'queries in a batch (default: 1024); for extract: items in one run of the model (default: 64, fewer where they are large)',
    type: count,
  },
  split: { argument: '<name>', help: 'embed only the items of this split (default: all)', type: z.string() },
  'on-error': {
    argument: '<stop|skip>',
    help: 'what an item does that cannot be embedded: it stops the command (default), or is left out and listed',
    type: z.enum(['stop', 'skip'], 'must be stop or skip'),
  },
  cache: { negated: true, help: 'compute every embedding, and keep none for the next run', type: z.boolean() },
  'cache-folder': {
    argument: '<folder>',
    help: 'where embeddings are kept (default: that of the platform, or RANKSTREAM_CACHE)',
    type: z.string(),
  },
  memory: {
    argument: '<size>',
    help: 'memory for vectors, queries and results, for example 2GB: a larger gallery is streamed in blocks (the program takes about 0.3 GB beside it)',
    type: z.unknown().transform(byteSize),
  },
  threads: { argument: '<number>', help: 'threads of the search, or of a model (default: all cores)', type: count },
  verbose: { help: 'tell on stderr how the search is done', type: z.boolean() },
  fetch: { help: 'download the models that are named, where they are not here yet', type: z.boolean() },
  json: { help: 'print the results as JSON, and nothing else', type: z.boolean() },
  config: { argument: '<file.yaml>', help: 'options from a file, under the same names; flags win', type: z.string() },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;
type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;

/** Checked options under their names in code. */
export type Options = { readonly [N in OptionName as Camel<N>]?: z.output<(typeof OPTIONS)[N]['type']> };

/** Whether an option stands without a flag. */
export function isPositional(name: OptionName): boolean {
  const option: Option = OPTIONS[name];
  return option.positional === true;
}

/** The value of an option by its name. */
export function optionOf<N extends OptionName>(options: Options, name: N): Options[Camel<N>] {
  return options[camel(name) as Camel<N>];
}

export function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
