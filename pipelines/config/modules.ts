import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { firstLine, UserError } from '../../src/data/errors.js';
import * as rankstream from '../../src/index.js';
import { unreadable } from '../../src/io/file.js';

/**
 * Imports modules of the user, which register metrics, modalities, post-processors and transforms of their own: a module either imports `rankstream`
 * itself, or its default export is a function that is given it.
 * @param names files, relative to where the command runs, or packages that are installed there
 * @throws UserError for a module that is not there, or fails
 */
export async function importModules(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = await fileOf(name);
    try {
      const { default: register } = (await import(pathToFileURL(file).href)) as { default?: unknown };
      if (typeof register === 'function') await register(rankstream);
    } catch (error) {
      throw new UserError(`module "${name}": ${firstLine(error)}`);
    }
  }
}

async function fileOf(name: string): Promise<string> {
  if (/^\.{1,2}[/\\]/.test(name) || isAbsolute(name)) {
    const file = resolve(name);
    await access(file).catch(async (error) => {
      const { message } = (await unreadable(file, error)) as Error;
      throw new UserError(`module "${name}": ${message} (its path begins where the command runs)`);
    });
    return file;
  }
  try {
    return createRequire(join(process.cwd(), 'config.yaml')).resolve(name);
  } catch {
    throw new UserError(`module "${name}": there is no such package here; write ./${name} where it is a file`);
  }
}
