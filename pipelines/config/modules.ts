import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../src/data/errors.js';
import * as rankstream from '../../src/index.js';

/**
 * Imports modules of the user, which register metrics, modalities, post-processors and transforms of their own: a module either imports `rankstream`
 * itself, or its default export is a function that is given it.
 * @param names files, relative to where the command runs, or packages that are installed there
 * @throws UserError for a module that is not there, or fails
 */
export async function importModules(names: readonly string[]): Promise<void> {
  for (const name of names) {
    let url: string;
    try {
      url = pathToFileURL(/^\.{1,2}[/\\]/.test(name) || isAbsolute(name) ? resolve(name) : resolved(name)).href;
    } catch {
      throw new UserError(`module "${name}": there is no such package here; write ./${name} where it is a file`);
    }
    try {
      const { default: register } = (await import(url)) as { default?: unknown };
      if (typeof register === 'function') await register(rankstream);
    } catch (error) {
      const { message } = error instanceof Error ? error : { message: String(error) };
      throw new UserError(`module "${name}": ${message.split('\n')[0]}`);
    }
  }
}

function resolved(name: string): string {
  return createRequire(join(process.cwd(), 'config.yaml')).resolve(name);
}
