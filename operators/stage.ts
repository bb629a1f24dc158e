import { concatMap, map, type Observable, type OperatorFunction } from 'rxjs';
import type { Metric } from '../src/metrics/metric.js';

/** A step of a pump: exactly one output for each input, in order. */
export type Stage<A, B> = OperatorFunction<A, B> | TwoPass<A, B>;

/**
 * A stage that must see every batch before it can process the first. The pump runs `fit` over the stream while it spools the batches to a
 * temporary file, then applies the stage to the spool. It keeps the law of one output for each input in both passes.
 */
export interface TwoPass<A, B, F = unknown> {
  readonly stageName: string;
  readonly fit: Metric<unknown, F, A>;
  /** Where batches wait between the passes. */
  openSpool(): Promise<Spool<A>>;
  apply(fitted: F): OperatorFunction<A, B>;
}

/** Batches on disk: written once, read once, removed. */
export interface Spool<A> {
  write(batch: A): Promise<void>;
  /** Ends the writing. */
  finish(): Promise<void>;
  read(): AsyncIterable<A>;
  remove(): Promise<void>;
}

export function isTwoPass<A, B>(stage: Stage<A, B>): stage is TwoPass<A, B> {
  return typeof stage !== 'function';
}

/** Gives an operator the name that errors and warnings use. */
export function named<A, B>(name: string, operator: OperatorFunction<A, B>): OperatorFunction<A, B> {
  return Object.assign((input: Observable<A>) => operator(input), { stageName: name });
}

/** The name of a stage, or its position. */
export function nameOf(stage: unknown, position: number): string {
  return (stage as { stageName?: string }).stageName ?? `stage ${position + 1}`;
}

/**
 * A stage from a function. Work on an input starts as soon as it arrives, so that asynchronous stages overlap; outputs keep the order of the
 * inputs.
 * @example stage('first ten', (rr: RetrievalResults) => firstTen(rr))
 */
export function stage<A, B>(name: string, process: (input: A) => B | Promise<B>): OperatorFunction<A, B> {
  return named(name, (input) =>
    input.pipe(
      map((value) => {
        const output = (async () => process(value))();
        // `concatMap` reports a rejection when its turn comes; until then it must not count as unhandled.
        output.catch(() => {});
        return output;
      }),
      concatMap((output) => output),
    ),
  );
}
