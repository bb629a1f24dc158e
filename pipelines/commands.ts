import { UserError } from '../src/data/errors.js';
import { comparisonLatex } from '../src/report/compare-latex.js';
import { comparisonMarkdown } from '../src/report/compare-markdown.js';
import { comparisonTable } from '../src/report/compare-table.js';
import type { Comparison } from '../src/report/comparison.js';
import { formatApproximate } from '../src/report/format.js';
import type { Results } from '../src/report/results.js';
import { setsTable } from '../src/report/sets-table.js';
import { tuningTable } from '../src/report/tuning-table.js';
import { zooDetails, zooTable } from '../src/report/zoo-table.js';
import { CHECK_OPTIONS, printCheck, violationsText } from './check.js';
import { COMPARE_OPTIONS, runCompare } from './compare.js';
import { CONVERT_OPTIONS, convertText, runConvert } from './convert.js';
import { EVALUATE_OPTIONS, runEvaluate } from './evaluate.js';
import { EXTRACT_OPTIONS, extractText, runExtract, skippedLines } from './extract.js';
import { FUSE_OPTIONS, runFuse } from './fuse.js';
import { MERGE_OPTIONS, runMerge } from './merge.js';
import { METRICS_OPTIONS, runMetrics } from './metrics.js';
import type { OptionName, Options } from './options.js';
import { POSTPROCESS_OPTIONS, runPostprocess } from './postprocess.js';
import { RUN_OPTIONS, runConfigCommand } from './run-config.js';
import type { RunContext } from './run-context.js';
import { runSearch, SEARCH_OPTIONS } from './search.js';
import { runTrecEval } from './trec-eval.js';
import { runTune, TUNE_OPTIONS } from './tune.js';
import { runZoo, ZOO_OPTIONS } from './zoo.js';

/** A command of `rankstream`. */
interface CliCommand {
  readonly name: string;
  /** What stands behind the name, the positional one among the options; `[names...]` takes several. */
  readonly argument: string;
  readonly help: string;
  readonly options: readonly OptionName[];
  /** @returns results to print, if there are any */
  run(options: Options, context: RunContext): Promise<Results | string | undefined>;
}

/** Every command, a table of contents. */
export const COMMANDS: readonly CliCommand[] = [
  {
    name: 'evaluate',
    argument: '[items]',
    help: 'search, post-process and measure: one table, or --queries and --gallery',
    options: EVALUATE_OPTIONS,
    run: runEvaluate,
  },
  {
    name: 'search',
    argument: '[items]',
    help: 'search only: writes the retrieval results (RR)',
    options: SEARCH_OPTIONS,
    run: async (options, context) => {
      const { queries, approximate } = await runSearch(options, context);
      const how = approximate ? ` by ${formatApproximate(approximate)}` : '';
      if (options.out !== '-') return `${queries} queries searched${how}, results in ${options.out}`;
      // Standard output has the results.
      if (approximate) console.error(`${queries} queries searched${how}`);
      return undefined;
    },
  },
  {
    name: 'postprocess',
    argument: '[rr]',
    help: 'RR -> RR_upd: applies post-processors to saved results',
    options: POSTPROCESS_OPTIONS,
    run: async (options, context) => {
      const results = await runPostprocess(options, context);
      if (options.out === '-') return undefined;
      return results ?? `results in ${options.out}`;
    },
  },
  {
    name: 'metrics',
    argument: '[rr...]',
    help: 'metrics of saved results, of one file or several, or of --run and --qrels',
    options: METRICS_OPTIONS,
    run: async (options, context) => {
      if (options.format !== 'trec_eval') return runMetrics(options, context);
      const { text, warnings } = await runTrecEval(options, context);
      for (const warning of warnings) console.error(`rankstream: warning: ${warning}`);
      return options.out === undefined ? text : undefined;
    },
  },
  {
    name: 'merge',
    argument: '[states...]',
    help: 'metrics of the queries of several processes, from the states that they saved',
    options: MERGE_OPTIONS,
    run: runMerge,
  },
  {
    name: 'compare',
    argument: '[inputs...]',
    help: 'is the difference real? results (RR), tables of --per-query, or runs with --qrels, of the same queries; the baseline first',
    options: COMPARE_OPTIONS,
    run: async (options, context) => printedComparison(await runCompare(options, context), options),
  },
  {
    name: 'fuse',
    argument: '[inputs...]',
    help: 'several retrievals of the same queries as one: saved results (RR), or runs with --qrels',
    options: FUSE_OPTIONS,
    run: async (options, context) => {
      const { queries, results } = await runFuse(options, context);
      if (options.out === '-') return undefined;
      return results ?? `${queries} queries fused, results in ${options.out}`;
    },
  },
  {
    name: 'tune',
    argument: '[rr]',
    help: 'chooses parameters of post-processors for a metric, and tells what they are worth on held-out queries',
    options: TUNE_OPTIONS,
    run: async (options, context) => {
      const tuning = await runTune(options, context);
      return options.json ? JSON.stringify(tuning, null, 2) : tuningTable(tuning, terminal());
    },
  },
  {
    name: 'extract',
    argument: '[items]',
    help: 'embeds the items of a table by a model: writes the table with its embeddings',
    options: EXTRACT_OPTIONS,
    run: async (options, context) => {
      const outcome = await runExtract(options, context);
      for (const line of skippedLines(outcome.skipped)) console.error(line);
      // Standard output has the table.
      if (options.out === '-') return undefined;
      return options.json ? JSON.stringify(outcome, null, 2) : extractText(outcome);
    },
  },
  {
    name: 'check',
    argument: '[items]',
    help: 'checks a table of items by the rules of the retrieval format, and tells of all violations',
    options: CHECK_OPTIONS,
    run: async (options, context) => {
      const count = await printCheck(options, context, (text) => process.stdout.write(text), process.stdout.isTTY);
      // What is wrong is on stdout; a table that breaks a rule is a mistake of the user's as any other.
      if (count > 0) throw new UserError(`${options.items}: ${violationsText(count)}`);
      return undefined;
    },
  },
  {
    name: 'convert',
    argument: '[set-and-folder...]',
    help: 'the table of items of a data set: sop, cub, cars, inshop, or folder (a folder for each label)',
    options: CONVERT_OPTIONS,
    run: async (options, context) => convertText(await runConvert(options, context)),
  },
  {
    name: 'zoo',
    argument: '[names...]',
    help: 'the models that have names: all of them, or all that is known of some',
    options: ZOO_OPTIONS,
    run: async (options, context) => {
      const listing = await runZoo(options, context);
      if (options.json) return JSON.stringify(listing, null, 2);
      return options.inputs ? zooDetails(listing, terminal()) : zooTable(listing, terminal());
    },
  },
  {
    name: 'run',
    argument: '[config.yaml name=value...]',
    help: 'runs a config: pipeline validate or predict; dotted overrides (k=50 model.device=cpu) win',
    options: RUN_OPTIONS,
    run: async (options, context) => {
      const outcome = await runConfigCommand(options, context);
      if (typeof outcome === 'string') return outcome;
      if (outcome.pipeline === 'predict') {
        for (const line of skippedLines(outcome.skipped)) console.error(line);
        return options.json ? JSON.stringify(outcome, null, 2) : extractText(outcome);
      }
      if ('results' in outcome) return outcome.results;
      return options.json ? JSON.stringify({ sets: outcome.sets }, null, 2) : setsTable(outcome.sets, terminal());
    },
  },
];

function printedComparison(comparison: Comparison, { json, markdown, latex }: Options): string {
  if (json) return JSON.stringify(comparison, null, 2);
  if (markdown) return comparisonMarkdown(comparison);
  if (latex) return comparisonLatex(comparison);
  return comparisonTable(comparison, terminal());
}

/** How the terminal shows things. */
export function terminal() {
  return { color: process.stdout.isTTY, width: process.stdout.columns };
}
