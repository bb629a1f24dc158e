import { availableParallelism } from 'node:os';
import { runChild, type SearchArgument } from './child.js';
import { ensureData, PRODUCTS, scaled } from './data.js';
import { percent, printTable, seconds } from './print.js';
import { type Contestant, rounds } from './rounds.js';
import { leastSquares } from './statistics.js';

const QUARTERS = [1, 2, 3, 4];

/** The search's time must be linear in the queries and in the gallery: four sizes of each, and the line through them. */
export async function growthBench({ scale, rounds: count }: { scale: number; rounds: number }): Promise<void> {
  const set = scaled(PRODUCTS, scale);
  const folder = await ensureData(set);
  const whole: SearchArgument = {
    folder,
    k: Math.min(100, Math.floor(set.gallery / 4)),
    threads: availableParallelism(),
    form: 'batch',
    queries: set.queries,
  };
  for (const of of ['queries', 'gallery'] as const) {
    const sizes = QUARTERS.map((quarters) => Math.ceil((set[of] * quarters) / 4));
    const contestants: Contestant[] = sizes.map((size) => ({
      name: `${size}`,
      run: () => runChild('search', { ...whole, [of]: size }),
    }));
    const standings = await rounds(contestants, count);
    const points = sizes.map((x) => ({ x, y: standings.get(`${x}`)!.seconds.search }));
    const { a, b, r2, deviation } = leastSquares(points);
    const other = of === 'queries' ? `gallery ${set.gallery}` : `${set.queries} queries`;
    console.log(`\n${of}: ${other} x ${set.world.dim}, k = ${whole.k}, ${whole.threads} threads; search, smallest of ${count}`);
    printTable(
      [of, 'seconds', 'line', 'off by'],
      points.map(({ x, y }) => [`${x}`, seconds(y), seconds(a + b * x), percent(y / (a + b * x) - 1)]),
    );
    const line = `${a.toFixed(3)} s + ${((b * set[of]) / 4).toFixed(3)} s for each ${sizes[0]} ${of}`;
    console.log(`line: ${line}; R^2 = ${r2.toFixed(5)}, largest deviation ${percent(deviation)}`);
  }
}
