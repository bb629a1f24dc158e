import { catchError, Observable, type OperatorFunction, Subject, tap, throwError } from 'rxjs';
import { UserError } from '../src/data/errors.js';
import { isTwoPass, nameOf, type Stage, type TwoPass } from './stage.js';

export interface PumpOptions {
  /** Batches that may be between the source and the consumer at one time; default 3. Memory is this many batches, however many pass. */
  readonly inFlight?: number;
  /** Stops the pump: the source is closed, threads and temporary files are freed, and the reason is thrown. */
  readonly signal?: AbortSignal;
  /** Milliseconds without any movement after which a warning names the stage that holds the batches; default 30,000, `Infinity` for none. */
  readonly stallAfter?: number;
}

/** What comes out of a pump: iterate it, or take its last value, or hand it to RxJS. It starts when it is first used, and runs once for each use. */
export interface Pump<T> extends AsyncIterable<T> {
  /** Runs to the end. @returns the last output; undefined when there was none */
  last(): Promise<T | undefined>;
  /** A cold observable; unsubscribing stops the source. RxJS has no back-pressure: its subscriber is taken to be as fast as its callback. */
  toObservable(): Observable<T>;
}

type Source<T> = AsyncIterable<T> | Iterable<T>;

/**
 * Drives batches from a source through stages with back-pressure: it asks the source for a batch only while fewer than `inFlight` are between
 * source and consumer, so memory stays flat however many batches pass.
 *
 * The law: a stage emits exactly one output for each input, in order. A stage that adds an output is refused at once; one that loses an output is
 * refused at completion, and named in a warning when the pump stands still before that. To drop queries, emit an empty result for them.
 *
 * Unsubscribing, `break`, an error, completion downstream (`take`) and an abort all close the source. Errors thrown in a stage carry
 * `stage`, `batch` (from 0) and `queries` ([first, last], where known).
 *
 * @example
 * const result = await pump(readEmbeddings('q.parquet'), { inFlight: 3 }, search(gallery, { k: 100 }), evaluate([cmc(1)])).last();
 */
export function pump<A>(source: Source<A>, options: PumpOptions): Pump<A>;
export function pump<A, B>(source: Source<A>, options: PumpOptions, s1: Stage<A, B>): Pump<B>;
export function pump<A, B, C>(source: Source<A>, options: PumpOptions, s1: Stage<A, B>, s2: Stage<B, C>): Pump<C>;
export function pump<A, B, C, D>(source: Source<A>, options: PumpOptions, s1: Stage<A, B>, s2: Stage<B, C>, s3: Stage<C, D>): Pump<D>;
export function pump<A, B, C, D, E>(
  source: Source<A>,
  options: PumpOptions,
  s1: Stage<A, B>,
  s2: Stage<B, C>,
  s3: Stage<C, D>,
  s4: Stage<D, E>,
): Pump<E>;
export function pump<A, B, C, D, E, F>(
  source: Source<A>,
  options: PumpOptions,
  s1: Stage<A, B>,
  s2: Stage<B, C>,
  s3: Stage<C, D>,
  s4: Stage<D, E>,
  s5: Stage<E, F>,
): Pump<F>;
export function pump<T>(source: Source<unknown>, options: PumpOptions, ...stages: Stage<never, unknown>[]): Pump<T>;
export function pump(source: Source<unknown>, options: PumpOptions, ...stages: readonly unknown[]): Pump<never> {
  const inFlight = options.inFlight ?? 3;
  if (!Number.isInteger(inFlight) || inFlight < 1) throw new UserError(`inFlight must be a positive integer, not ${inFlight}`);
  const start = (signal = options.signal) => run(source, stages as Stage<unknown, unknown>[], { ...options, inFlight, signal });
  const started: Pump<unknown> = {
    [Symbol.asyncIterator]: () => start(),
    async last() {
      let last: unknown;
      for await (const output of start()) last = output;
      return last;
    },
    toObservable() {
      return new Observable((subscriber) => {
        const stop = new AbortController();
        const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
        (async () => {
          for await (const output of start(signal)) subscriber.next(output);
        })().then(
          () => subscriber.complete(),
          (error) => {
            if (!stop.signal.aborted) subscriber.error(error);
          },
        );
        return () => stop.abort();
      });
    },
  };
  return started as Pump<never>;
}

type RunOptions = PumpOptions & { readonly inFlight: number };

async function* run(
  source: Source<unknown>,
  stages: Stage<unknown, unknown>[],
  options: RunOptions,
): AsyncGenerator<unknown, void, undefined> {
  const at = stages.findIndex(isTwoPass);
  if (at < 0) {
    yield* runOnePass(source, stages as OperatorFunction<unknown, unknown>[], options);
    return;
  }
  const twoPass = stages[at] as TwoPass<unknown, unknown>;
  const spool = await twoPass.openSpool();
  try {
    const state = twoPass.fit.init();
    for await (const batch of runOnePass(source, stages.slice(0, at) as OperatorFunction<unknown, unknown>[], options)) {
      twoPass.fit.update(state, batch);
      await spool.write(batch);
    }
    await spool.finish();
    const apply = Object.assign(twoPass.apply(twoPass.fit.value(state)), { stageName: twoPass.stageName });
    yield* run(spool.read(), [apply, ...stages.slice(at + 1)], options);
  } finally {
    await spool.remove();
  }
}

async function* runOnePass(source: Source<unknown>, stages: OperatorFunction<unknown, unknown>[], options: RunOptions) {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const input = new Subject<unknown>();
  const counted = stages.map((stage, i) => ({ stage, name: nameOf(stage, i), taken: 0, given: 0 }));
  /** Query ranges of the batches in flight, by number of the batch. */
  const ranges = new Map<number, string>();
  const outputs: unknown[] = [];
  let pulled = 0;
  let given = 0;
  let delivered = 0;
  let pulling = false;
  let stopped = false;
  let sourceEnded = false;
  let completed = false;
  let failure: { error: unknown } | undefined;
  let wake = () => {};

  const chain = counted.reduce<Observable<unknown>>((stream, link) => {
    const law = (problem: string) => new Error(`${link.name} ${problem}: a stage of a pump emits exactly one output for each input`);
    return stream.pipe(
      tap(() => link.taken++),
      link.stage,
      catchError((error) =>
        throwError(() => (error === failure?.error ? error : located(error, link.name, link.given, ranges.get(link.given)))),
      ),
      tap(() => {
        if (++link.given > link.taken) throw law(`gave ${link.given} outputs for ${link.taken} inputs`);
      }),
    );
  }, input);

  /** What is in flight when the source fails still comes out before the stages hear of it, and abort what they write. */
  const failWhenDelivered = (): void => {
    if (failure && given === pulled) input.error(failure.error);
  };

  const pull = (): void => {
    if (pulling || stopped || sourceEnded || failure || pulled - delivered >= options.inFlight) return;
    pulling = true;
    (async () => iterator.next())().then(
      (next) => {
        pulling = false;
        if (stopped) return;
        if (next.done) {
          sourceEnded = true;
          input.complete();
          return;
        }
        ranges.set(pulled++, queryRange(next.value));
        input.next(next.value);
        pull();
      },
      (error) => {
        pulling = false;
        failure ??= { error };
        failWhenDelivered();
      },
    );
  };

  const subscription = chain.subscribe({
    next: (output) => {
      outputs.push(output);
      given++;
      failWhenDelivered();
      wake();
    },
    error: (error) => {
      failure = { error };
      completed = true;
      wake();
    },
    complete: () => {
      completed = true;
      wake();
    },
  });
  const onAbort = () => wake();
  options.signal?.addEventListener('abort', onAbort);

  try {
    pull();
    for (;;) {
      options.signal?.throwIfAborted();
      if (outputs.length > 0) {
        yield outputs.shift();
        ranges.delete(delivered++);
        pull();
      } else if (completed) break;
      else await waitOrWarn(options.stallAfter ?? 30_000, counted, (resolve) => (wake = resolve));
    }
    if (failure) throw failure.error;
    const loser = sourceEnded ? counted.find((link) => link.given !== link.taken) : undefined;
    if (loser) {
      throw new Error(
        `${loser.name} gave ${loser.given} outputs for ${loser.taken} inputs: a stage of a pump emits exactly one output for each input; ` +
          'to drop queries, emit an empty result',
      );
    }
  } finally {
    stopped = true;
    options.signal?.removeEventListener('abort', onAbort);
    subscription.unsubscribe();
    // A source that is waiting (for a pipe, say) answers `return` only when it has its next batch: do not wait for it.
    const closing = Promise.resolve(iterator.return?.()).catch(() => {});
    if (!pulling) await closing;
  }
}

/** Milliseconds; a timer that should wait longer would not wait at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for movement; when none comes, says once which stage holds the batches. */
async function waitOrWarn(
  milliseconds: number,
  counted: readonly { name: string; taken: number; given: number }[],
  onWake: (resolve: () => void) => void,
): Promise<void> {
  const timer = setTimeout(
    () => {
      const holder = counted.find((link) => link.taken > link.given);
      const who = holder ? `${holder.name} has taken ${holder.taken} batches and given ${holder.given}` : 'the source gives no batch';
      process.emitWarning(`the pump stands still for ${milliseconds / 1000} s: ${who}`, 'RankstreamWarning');
    },
    Math.min(milliseconds, LONGEST_TIMER),
  );
  timer.unref();
  await new Promise<void>(onWake);
  clearTimeout(timer);
}

/** Attaches stage, batch and query range to an error, once: the innermost stage is the one that failed. */
function located(error: unknown, stage: string, batch: number, queries?: string): unknown {
  if (!(error instanceof Error) || 'stage' in error) return error;
  const detail = { stage, batch, queries };
  if (error instanceof UserError) return Object.assign(error, detail);
  const where = `${stage}, batch ${batch}${queries ? `, queries ${queries}` : ''}`;
  return Object.assign(new Error(`${where}: ${error.message}`, { cause: error }), detail);
}

/** `first-last` of a batch of embeddings or of results. */
function queryRange(batch: unknown): string {
  const { firstRow, rows } = batch as { firstRow?: number; rows?: number | ArrayLike<number> };
  if (typeof rows === 'number' && typeof firstRow === 'number' && rows > 0) return `${firstRow}-${firstRow + rows - 1}`;
  if (typeof rows === 'object' && rows.length > 0) return `${rows[0]}-${rows[rows.length - 1]}`;
  return '';
}
