import fc from 'fast-check';
import { concatMap, filter, map, mergeMap, of, take, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { pump } from '../../operators/pump.js';
import { named, type Spool, stage, type TwoPass } from '../../operators/stage.js';
import { sink } from '../../operators/write-results.js';
import { UserError } from '../../src/data/errors.js';

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** A source that knows how many values it has given, and whether it was closed. */
function counting(n: number) {
  const source = {
    given: 0,
    closed: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let i = 0; i < n; i++) {
          source.given++;
          yield i;
        }
      } finally {
        source.closed = true;
      }
    },
  };
  return source;
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const value of values) out.push(value);
  return out;
}

const slow = () =>
  stage('slow', async (x: number) => {
    await wait(5);
    return x;
  });

/** Stages of different temper: at once, later, out of step, asynchronous. */
const stages = fc.array(
  fc.constantFrom(
    map((x: number) => x + 1),
    stage('async', async (x: number) => {
      await wait(x % 3);
      return x + 1;
    }),
    concatMap((x: number) => timer(x % 2).pipe(map(() => x + 1))),
    stage('sync', (x: number) => x + 1),
  ),
  { maxLength: 4 },
);

describe('pump', () => {
  it('gives one output for each input, in order, and never holds more than inFlight', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 5 }), stages, async (n, inFlight, chain) => {
        const source = counting(n);
        let taken = 0;
        let most = 0;
        const out: number[] = [];
        for await (const value of pump<number>(source, { inFlight }, ...chain)) {
          most = Math.max(most, source.given - taken);
          await wait(value % 2);
          out.push(value);
          taken++;
        }
        expect(out).toEqual(Array.from({ length: n }, (_, i) => i + chain.length));
        expect(most).toBeLessThanOrEqual(inFlight);
        expect(source.closed).toBe(true);
      }),
      { numRuns: 40 },
    ));

  it('asks for the next batch only when the consumer has taken one', async () => {
    const source = counting(100);
    const iterator = pump(
      source,
      { inFlight: 2 },
      map((x: number) => x),
    )[Symbol.asyncIterator]();
    await iterator.next();
    await wait(20);
    expect(source.given).toBe(2);
    await iterator.return?.();
    expect(source.closed).toBe(true);
  });

  it('takes arrays and other iterables, and gives the last output', async () => {
    expect(
      await pump(
        [1, 2, 3],
        {},
        map((x: number) => x * 2),
      ).last(),
    ).toBe(6);
    expect(
      await pump(
        [] as number[],
        {},
        map((x: number) => x),
      ).last(),
    ).toBe(undefined);
  });

  it('refuses a stage that loses an output, naming it', async () => {
    const loser = named(
      'drop odd',
      filter((x: number) => x % 2 === 0),
    );
    await expect(collect(pump(counting(3), { inFlight: 5 }, loser))).rejects.toThrow('drop odd gave 2 outputs for 3 inputs');
  });

  it('names the stage that holds the batches when it stands still', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const stop = new AbortController();
    const loser = named(
      'drop odd',
      filter((x: number) => x % 2 === 0),
    );
    const running = collect(
      pump(
        counting(100),
        { inFlight: 2, signal: stop.signal, stallAfter: 30 },
        map((x: number) => x),
        loser,
      ),
    );
    running.catch(() => {});
    await vi.waitFor(() => expect(warning).toHaveBeenCalled(), { timeout: 5000 });
    expect(warning.mock.calls[0][0]).toMatch(/stands still.*drop odd has taken \d+ batches and given \d+/);
    stop.abort();
    await expect(running).rejects.toThrow(/abort/i);
    warning.mockRestore();
  });

  it('waits as long as it takes when it is told to', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await collect(pump(counting(2), { stallAfter: Number.POSITIVE_INFINITY }, slow()));
    expect(warning).not.toHaveBeenCalled();
    warning.mockRestore();
  });

  it('refuses a stage that adds outputs', async () => {
    const adder = named(
      'double',
      mergeMap((x: number) => of(x, x)),
    );
    await expect(collect(pump(counting(3), {}, adder))).rejects.toThrow('double gave 2 outputs for 1 inputs');
  });

  it('tells stage, batch and query range with an error, and delivers what came before', async () => {
    const source = [0, 1, 2].map((i) => ({ firstRow: i * 10, rows: 10 }));
    const bad = stage('bad', (batch: { firstRow: number; rows: number }) => {
      if (batch.firstRow === 20) throw new RangeError('boom');
      return batch;
    });
    const out: unknown[] = [];
    const run = async () => {
      for await (const batch of pump(source, { inFlight: 3 }, bad)) out.push(batch);
    };
    await expect(run()).rejects.toMatchObject({ message: 'bad, batch 2, queries 20-29: boom', stage: 'bad', batch: 2, queries: '20-29' });
    expect(out).toHaveLength(2);
  });

  it("keeps a user's mistake one line, with the place as properties", async () => {
    const bad = stage('bad', () => {
      throw new UserError('q.csv, row 3: no');
    });
    await expect(pump([1], {}, bad).last()).rejects.toMatchObject({
      name: 'UserError',
      message: 'q.csv, row 3: no',
      stage: 'bad',
      batch: 0,
    });
  });

  it('tells the stages of an error of the source, once they have given what they had: a sink aborts', async () => {
    const heard: string[] = [];
    async function* failing() {
      yield 1;
      yield 2;
      throw new UserError('row 3 is no number');
    }
    const writer = {
      write: async (value: number) => void heard.push(`write ${value}`),
      close: async () => void heard.push('close'),
      abort: async () => void heard.push('abort'),
    };
    const slow = stage('slow', (value: number) => new Promise<number>((resolve) => setTimeout(resolve, 5, value)));
    const out: number[] = [];
    const run = async () => {
      for await (const value of pump(
        failing(),
        {},
        slow,
        sink('file', () => writer),
      ))
        out.push(value);
    };
    await expect(run()).rejects.toThrow(/^row 3 is no number$/);
    expect(out).toEqual([1, 2]);
    expect(heard).toEqual(['write 1', 'write 2', 'abort']);
  });

  it('delivers what is in flight before an error of the source', async () => {
    async function* source() {
      yield 1;
      yield 2;
      throw new UserError('truncated');
    }
    const out: number[] = [];
    const run = async () => {
      for await (const x of pump(source(), {}, slow())) out.push(x);
    };
    await expect(run()).rejects.toThrow('truncated');
    expect(out).toEqual([1, 2]);
  });

  it('closes the source on break, abort, unsubscription and completion downstream', async () => {
    const broken = counting(100);
    for await (const _ of pump(
      broken,
      {},
      map((x: number) => x),
    ))
      break;
    expect(broken.closed).toBe(true);

    const aborted = counting(100);
    const stop = new AbortController();
    const running = collect(pump(aborted, { signal: stop.signal }, slow()));
    setTimeout(() => stop.abort(new UserError('enough')), 20);
    await expect(running).rejects.toThrow('enough');
    expect(aborted.closed).toBe(true);

    const unsubscribed = counting(100);
    const subscription = pump(unsubscribed, {}, slow()).toObservable().subscribe();
    await wait(20);
    subscription.unsubscribe();
    await vi.waitFor(() => expect(unsubscribed.closed).toBe(true));
    expect(unsubscribed.given).toBeLessThan(100);

    const taken = counting(100);
    expect(await collect(pump(taken, {}, take<number>(3)))).toEqual([0, 1, 2]);
    expect(taken.closed).toBe(true);
    expect(taken.given).toBeLessThanOrEqual(6);
  });

  it('becomes an observable', async () => {
    const values: number[] = [];
    await new Promise<void>((resolve, reject) => {
      pump(
        [1, 2, 3],
        {},
        map((x: number) => x),
      )
        .toObservable()
        .subscribe({ next: (x) => values.push(x), complete: resolve, error: reject });
    });
    expect(values).toEqual([1, 2, 3]);
  });
});

/** Takes away the mean of all values: it can begin only when it has seen them all. */
function centre(log: string[]): TwoPass<number, number, number> {
  return {
    stageName: 'centre',
    fit: {
      name: 'mean',
      init: () => ({ sum: 0, n: 0 }),
      update(state, x) {
        const sums = state as { sum: number; n: number };
        sums.sum += x;
        sums.n++;
      },
      merge() {},
      value: (state) => (state as { sum: number; n: number }).sum / (state as { sum: number; n: number }).n,
    },
    async openSpool(): Promise<Spool<number>> {
      const kept: number[] = [];
      log.push('open');
      return {
        write: async (x) => void kept.push(x),
        finish: async () => void log.push('finish'),
        async *read() {
          yield* kept;
        },
        remove: async () => void log.push('remove'),
      };
    },
    apply: (mean) => map((x) => x - mean),
  };
}

describe('two-pass stages', () => {
  it('see everything, then process everything; stages before and after run once', async () => {
    const log: string[] = [];
    let before = 0;
    const out = await collect(
      pump(
        [1, 2, 3, 4, 5],
        { inFlight: 2 },
        map((x: number) => {
          before++;
          return x * 2;
        }),
        centre(log),
        map((x: number) => x + 100),
      ),
    );
    expect(out).toEqual([96, 98, 100, 102, 104]);
    expect(before).toBe(5);
    expect(log).toEqual(['open', 'finish', 'remove']);
  });

  it('chain, and clean up on break and on errors', async () => {
    const log: string[] = [];
    expect(await collect(pump([1, 2, 3], {}, centre(log), centre(log)))).toEqual([-1, 0, 1]);
    expect(log).toEqual(['open', 'finish', 'open', 'finish', 'remove', 'remove']);

    const broken: string[] = [];
    for await (const _ of pump(
      [1, 2, 3],
      {},
      centre(broken),
      map((x: number) => x),
    ))
      break;
    expect(broken.at(-1)).toBe('remove');

    const failed: string[] = [];
    const bad = stage('bad', (): number => {
      throw new UserError('no');
    });
    await expect(pump([1], {}, bad, centre(failed)).last()).rejects.toThrow('no');
    expect(failed).toEqual(['open', 'remove']);
  });
});
