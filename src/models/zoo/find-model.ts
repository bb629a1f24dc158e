import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { didYouMean, UserError } from '../../data/errors.js';
import { errorCode } from '../../io/file.js';
import type { ModelSpec } from '../model-spec.js';
import { keepSum, keptSum, sha256Of } from './checksum.js';
import { type DownloadOptions, download, unreachable, type Wanted } from './download.js';
import { cacheFolder } from './places.js';
import { addressOf, folderOf, ZOO } from './zoo.js';

/** A model that is on this machine. */
export interface FoundModel {
  /** As it was asked for. */
  readonly name: string;
  /** The ONNX file. */
  readonly file: string;
  /** What the zoo knows of it; what stands in the file or beside it otherwise. */
  readonly spec?: ModelSpec;
}

export interface FindModelOptions extends DownloadOptions {
  /** Folder of downloads; default: the environment variable RANKSTREAM_CACHE, else where the platform keeps caches. */
  readonly cache?: string;
  /** Nothing is asked of the network; default: whether the environment variable RANKSTREAM_OFFLINE is 1. */
  readonly offline?: boolean;
}

/**
 * Finds a model by a name of the zoo, the path of an ONNX file, or an https address; what is not on this machine yet is downloaded into the cache folder
 * (resumed where it was interrupted, checked against its sha256, with its tokenizer where it has one), and is there the next time.
 * @throws UserError for a name that is not known, with the nearest one; for a file that is not there; for a download that fails, saying where the file may be
 * put by hand
 * @example const found = await findModel('icon-embedder');
 */
export async function findModel(nameOrPath: string, options: FindModelOptions = {}): Promise<FoundModel> {
  const { cache = cacheFolder() } = options;
  const model = ZOO.find(({ name }) => name === nameOrPath);
  if (model) {
    const folder = folderOf(model, cache);
    for (const part of model.files) {
      const url = addressOf(model, part);
      if (url) await have({ url, file: join(folder, part.name), sha256: part.sha256, name: `${model.name}/${part.name}` }, options);
    }
    return { name: nameOrPath, file: join(folder, model.files[0].name), spec: model.spec };
  }
  if (/^https?:\/\//i.test(nameOrPath)) {
    const file = fileOfAddress(nameOrPath, cache);
    await have({ url: nameOrPath, file, name: basename(file) }, options);
    return { name: nameOrPath, file };
  }
  return { name: nameOrPath, file: await existing(nameOrPath) };
}

async function existing(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isFile()) return path;
  if (there) throw new UserError(`${path}: not a file; give the path of an ONNX file, or a name of the zoo (rankstream zoo)`);
  if (/[\\/]|\.onnx$/i.test(path)) throw new UserError(`${path}: there is no such model file`);
  const here = ZOO.find(({ oml }) => oml === path);
  if (here) throw new UserError(`unknown model "${path}": what OML calls so is "${here.name}" here`);
  const names = ZOO.map(({ name }) => name);
  const longer = names.filter((name) => name.includes(path.toLowerCase()));
  const nearest = longer.length > 0 ? `; did you mean ${longer.map((name) => `"${name}"`).join(' or ')}?` : didYouMean(path, names);
  throw new UserError(`unknown model "${path}": neither a file nor in the zoo (rankstream zoo lists it)${nearest}`);
}

/** Where the file of an address is kept. @throws UserError for one that anybody on the way could change */
function fileOfAddress(address: string, cache: string): string {
  if (!URL.canParse(address)) throw new UserError(`${address}: not an address`);
  const { protocol, hostname, pathname } = new URL(address);
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    throw new UserError(`${address}: models are downloaded by https only`);
  const key = createHash('sha256').update(address).digest('hex').slice(0, 16);
  return join(cache, 'models', `url-${key}`, decodeURIComponent(basename(pathname)).replace(/[^\w.-]/g, '_') || 'model.onnx');
}

/** Downloads that are on their way in this process, by their files. */
const underWay = new Map<string, Promise<void>>();

/** A file is there when this returns. */
async function have(wanted: Wanted, options: FindModelOptions): Promise<void> {
  if (await isThere(wanted, options)) return;
  if (options.offline ?? process.env.RANKSTREAM_OFFLINE === '1') throw unreachable(wanted, 'offline, as asked for');
  const others = underWay.get(wanted.file);
  if (others) {
    // The other one may have been stopped by a signal that is not ours.
    await others.catch(() => {});
    return have(wanted, options);
  }
  const own = download(wanted, options).finally(() => underWay.delete(wanted.file));
  underWay.set(wanted.file, own);
  await own;
}

/** Whether a file is there, and is the right one: one that was put there by hand is checked once. */
async function isThere({ file, sha256 }: Wanted, { signal }: FindModelOptions): Promise<boolean> {
  try {
    await stat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw new UserError(`${file}: cannot be read (${errorCode(error)})`);
  }
  const before = await keptSum(file);
  if (before !== undefined && (sha256 ?? before) === before) return true;
  const sum = await sha256Of(file, signal);
  if (sha256 !== undefined && sum !== sha256)
    throw new UserError(
      `${file}: not the file that belongs there: its sha256 is ${sum}, not ${sha256}; remove it to download the right one`,
    );
  await keepSum(file, sum);
  return true;
}
