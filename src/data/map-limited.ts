/** Results in the order of the inputs, at most `limit` of them in work at a time. Nothing new is begun after a failure. */
export async function mapLimited<T, R>(inputs: readonly T[], limit: number, work: (input: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(inputs.length);
  let next = 0;
  const run = async () => {
    while (next < inputs.length) {
      const at = next++;
      try {
        results[at] = await work(inputs[at]);
      } catch (error) {
        next = inputs.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, run));
  return results;
}
