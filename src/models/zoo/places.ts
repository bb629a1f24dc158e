import { join } from 'node:path';
import envPaths from 'env-paths';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';

/** Where the models stand that come with the package. */
export const BUNDLED_MODELS = join(PACKAGE_ROOT, 'pipelines', 'icons', 'assets');

/**
 * Where downloads are kept: the environment variable RANKSTREAM_CACHE, else what the platform says, for example `~/.cache/rankstream` (or in
 * $XDG_CACHE_HOME), `~/Library/Caches/rankstream`, `%LOCALAPPDATA%\rankstream\Cache`.
 */
export function cacheFolder(): string {
  return process.env.RANKSTREAM_CACHE || envPaths('rankstream', { suffix: '' }).cache;
}

/** Where models are downloaded from: the environment variable HF_ENDPOINT, as the tools of Hugging Face read it for mirrors. */
export function hubAddress(): string {
  return (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
}
