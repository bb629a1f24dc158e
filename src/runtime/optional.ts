import { UserError } from '../data/errors.js';

/**
 * Imports a package that is not needed by everybody. A CommonJS package gives its exports, without the wrapper that `import` puts around them.
 * @param what needs it, for the message
 * @throws UserError that says how to install it
 */
export async function importOptional<T>(name: string, what: string): Promise<T> {
  try {
    const imported: { default?: T } = await import(name);
    return imported.default ?? (imported as T);
  } catch (error) {
    const missing = error instanceof Error && error.message.includes(`'${name}'`);
    if (missing) throw new UserError(`${what} needs the package ${name}, which is not installed; install it with: npm install ${name}`);
    const [cause] = String(error instanceof Error ? error.message : error).split('\n');
    throw new UserError(`${what} needs the package ${name}, which cannot be loaded (${cause}); install it anew with: npm rebuild ${name}`);
  }
}
