import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../src/data/errors.js';
import { readTable } from '../src/io/open.js';
import type { ModelUse, Results } from '../src/report/results.js';
import { type ExtractOutcome, runExtract } from './extract.js';
import { type OptionName, type Options, optionOf } from './options.js';
import type { RunContext } from './run-context.js';
import { checkColumns, type Needs } from './sets.js';
import { type ShownItems, type ShownSide, shownItems } from './shown-items.js';

/** What a search is given: files of embeddings; disposing of it removes those that were made for it. */
export interface ModelInputs extends AsyncDisposable {
  /** The options with the files that models made in place of the items. */
  readonly options: Options;
  /** Which models made them; empty without models. */
  readonly used: Pick<Results, 'model' | 'models'>;
  readonly warnings: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
  /** What messages call the files that were made. */
  readonly names: ReadonlyMap<string, string>;
  /** Shows the items in a report. */
  show(): ShownItems;
}

/** Options that say how a model is run: without one they have no meaning. */
const OF_MODELS = ['model-device', 'model-batch', 'on-error', 'cache', 'cache-folder'] as const satisfies readonly OptionName[];

/**
 * Makes embeddings of items where a model is named, so that what follows never hears of models: options with `model` (or `queryModel`, `galleryModel`)
 * become options without. Of a table with splits the rows of `validation` are embedded. What is kept between runs are embeddings, not these files.
 * @param needs what the items must have, to be found out before the work
 * @throws UserError for options that do not go together, and what `runExtract` says
 */
export async function embedInputs(
  given: Options,
  needs: Pick<Needs, 'queryColumns' | 'labels'>,
  context: RunContext,
): Promise<ModelInputs> {
  const { model, queryModel, galleryModel, modelDevice, modelBatch, onError, cache, cacheFolder, ...options } = given;
  const { items, gallery, threads } = options;
  if (model === undefined && queryModel === undefined && galleryModel === undefined) {
    const alone = OF_MODELS.find((name) => optionOf(given, name) !== undefined);
    if (alone) throw new UserError(`--${alone} goes with --model, which embeds the items`);
    return {
      options,
      used: {},
      warnings: [],
      seconds: {},
      names: new Map(),
      show: () => shownItems([]),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const wanted = wantedSides(given);
  for (const { file, role } of wanted)
    await checkItems(file, role === 'gallery' ? { ...needs, queryColumns: [] } : needs, role !== 'gallery');
  const folder = await mkdtemp(join(tmpdir(), 'rankstream-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const device = modelDevice ?? options.device;
    const sides: Side[] = [];
    for (const { role, file, name } of wanted) {
      const root = options.root ?? dirname(file);
      const split = (await columnNames(file)).includes('split') ? 'validation' : undefined;
      const out = join(folder, `${role}-${basename(file)}.arrow`);
      const extraction = { items: file, model: name, root, out, split, device, batch: modelBatch, threads, onError, cache, cacheFolder };
      sides.push({ role, file, name, root, split, outcome: await runExtract(extraction, context) });
    }
    refuseOtherDimensions(sides);
    const made = Object.fromEntries(sides.map(({ role, outcome }) => [role, outcome.file]));
    return {
      options: { ...options, ...made, root: options.root ?? dirname(items ?? (gallery as string)) },
      used: usedBy(sides),
      warnings: warningsOf(sides),
      seconds: { model: Math.round(1000 * sides.reduce((sum, { outcome }) => sum + outcome.seconds, 0)) / 1000 },
      names: new Map(sides.map(({ file, outcome }) => [outcome.file, `embeddings of ${file}`])),
      show: () => shownItems(sides),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A table of items, and the model that embeds it. */
interface WantedSide {
  /** Which option names the table. */
  readonly role: 'items' | 'queries' | 'gallery';
  readonly file: string;
  /** The model. */
  readonly name: string;
}

interface Side extends WantedSide, ShownSide {
  readonly outcome: ExtractOutcome;
}

/** @throws UserError for options that do not go together */
function wantedSides({ items, queries, gallery, embeddings, model, queryModel, galleryModel }: Options): WantedSide[] {
  if (embeddings !== undefined) throw new UserError('give either --embeddings, or --model, which makes them');
  const side = (role: WantedSide['role'], file: string, name: string | undefined): WantedSide[] => {
    if (name === undefined) return [];
    if (file === '-') throw new UserError('items for a model come from a file, which stdin is not');
    return [{ role, file, name }];
  };
  if (items !== undefined) {
    if (queries !== undefined || gallery !== undefined) throw new UserError('give either one table, or --queries and --gallery');
    if (model === undefined || queryModel !== undefined || galleryModel !== undefined)
      throw new UserError('--query-model and --gallery-model go with --queries and --gallery; one table has one --model');
    return side('items', items, model);
  }
  if (queries === undefined || gallery === undefined) throw new UserError('give a table of items, or both --queries and --gallery');
  return [...side('queries', queries, queryModel ?? model), ...side('gallery', gallery, galleryModel ?? model)];
}

async function columnNames(file: string): Promise<string[]> {
  return (await readTable(file).describe()).schema.names as string[];
}

/** What a search will want of the items is asked of them before they are embedded. */
async function checkItems(file: string, needs: Pick<Needs, 'queryColumns' | 'labels'>, areQueries: boolean): Promise<void> {
  await checkColumns({ source: file, columnNames: () => columnNames(file) }, needs, areQueries);
}

function refuseOtherDimensions(sides: readonly Side[]): void {
  const [first, second] = sides;
  if (!second || first.outcome.dim === second.outcome.dim) return;
  const [queries, gallery] = sides.map(({ name, outcome }) => `${name} (${outcome.dim})`);
  throw new UserError(`queries by ${queries} and gallery by ${gallery} have different dimensions, so that no search compares them`);
}

function usedBy(sides: readonly Side[]): Pick<Results, 'model' | 'models'> {
  const use = sides.map(({ role, name, outcome: { device, dim, items, skipped } }): [string, ModelUse] => [
    role,
    { name: isAbsolute(name) ? basename(name) : name, device, dim, items, skipped: skipped.length },
  ]);
  return sides[0].role === 'items' ? { model: use[0][1] } : { models: Object.fromEntries(use) };
}

/** Items that are named in warnings. */
const NAMED = 20;

function warningsOf(sides: readonly Side[]): string[] {
  return sides.flatMap(({ file, root, outcome: { skipped, items } }) => {
    if (skipped.length === 0) return [];
    // Warnings stand in files, which tell nothing of the machine.
    const named = skipped
      .slice(0, NAMED)
      .map(({ path, reason }) => `left out: ${reason.replaceAll(file, basename(file)).replace(`: ${resolve(root, path ?? '')}: `, ': ')}`);
    const more = skipped.length - NAMED;
    return [
      `${basename(file)}: ${skipped.length} of ${items} items are left out`,
      ...named,
      ...(more > 0 ? [`left out: and ${more} more (rankstream extract --on-error skip --json lists them all)`] : []),
    ];
  });
}
