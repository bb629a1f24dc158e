import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { didYouMean, UserError } from '../src/data/errors.js';
import type { JsonObject } from '../src/data/json.js';
import { keptSum } from '../src/models/zoo/checksum.js';
import { findModel } from '../src/models/zoo/find-model.js';
import { cacheFolder } from '../src/models/zoo/places.js';
import { addressOf, folderOf, pageOf, ZOO } from '../src/models/zoo/zoo.js';
import type { ZooFile, ZooModel } from '../src/models/zoo/zoo-model.js';
import type { ListedFile, ListedModel, ZooListing } from '../src/report/zoo.js';
import type { OptionName, Options } from './options.js';
import type { RunContext } from './run-context.js';

/** The options of `rankstream zoo`, under the names of the flags. */
export const ZOO_OPTIONS = ['inputs', 'fetch', 'json'] as const satisfies readonly OptionName[];

/**
 * The models that have names, or those whose names are given, and whether they are on this machine.
 * @param options with `fetch` they are downloaded first, where they are not
 * @throws UserError for an unknown name, with the nearest one, and what `findModel` says
 * @example const { models } = await runZoo({ inputs: ['dinov2-vits14'], fetch: true });
 */
export async function runZoo({ inputs = [], fetch }: Options = {}, { progress, signal }: RunContext = {}): Promise<ZooListing> {
  const models = inputs.length > 0 ? inputs.map(named) : ZOO;
  if (fetch && inputs.length === 0)
    throw new UserError('--fetch: which models? Give their names, for example: rankstream zoo dinov2-vits14 --fetch');
  const note = (line: string) => console.error(`rankstream: note: ${line}`);
  if (fetch) for (const { name } of models) await findModel(name, { progress, signal, note });
  return { cache: cacheFolder(), models: await Promise.all(models.map(listed)) };
}

function named(name: string): ZooModel {
  const model = ZOO.find((one) => one.name === name);
  if (model) return model;
  const names = ZOO.map((one) => one.name);
  throw new UserError(`no model "${name}" in the zoo (rankstream zoo lists it)${didYouMean(name, names)}`);
}

async function listed(model: ZooModel): Promise<ListedModel> {
  const files = await Promise.all(model.files.map((file) => listedFile(model, file)));
  const { name, about, kind, spec, dim = null, inputs, licence, oml = null, note = null } = model;
  const here = files.every((file) => file.here);
  return { name, about, kind, spec: spec as unknown as JsonObject, dim, inputs, licence, source: pageOf(model), oml, note, here, files };
}

async function listedFile(model: ZooModel, file: ZooFile): Promise<ListedFile> {
  const path = join(folderOf(model), file.name);
  const found = await stat(path).catch(() => undefined);
  return {
    name: file.name,
    path,
    here: found !== undefined,
    url: addressOf(model, file) ?? null,
    bytes: file.bytes ?? found?.size ?? (file.megabytes ?? 0) * 1e6,
    exact: file.bytes !== undefined || found !== undefined,
    sha256: file.sha256 ?? null,
    found: found ? ((await keptSum(path)) ?? null) : null,
  };
}
