import { join } from 'node:path';
import envPaths from 'env-paths';

/**
 * The folder in which one kind of things is kept between runs: below `RANKSTREAM_CACHE` where that is set, else where the platform keeps caches
 * (`$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`). All that is in it can be made again: it may be deleted at any time.
 */
export function cacheFolder(kind: string): string {
  return join(process.env.RANKSTREAM_CACHE || envPaths('rankstream', { suffix: '' }).cache, kind);
}
