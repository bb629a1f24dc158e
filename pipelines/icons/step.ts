/** Does a piece of work and tells on stderr what it is and how long it took. `note` adds what came of it. */
export async function step<T>(title: string, work: () => T | Promise<T>, note?: (result: T) => string): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stderr.write(`${title}${note ? ` (${note(result)})` : ''}: ${seconds} s\n`);
  return result;
}
