import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../src/data/errors.js';
import '../src/runtime/no-telemetry.js';
import type { Form } from './cases.js';

/** What a contestant says about one run. */
export interface Measurement {
  /** Seconds by part of the work. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Largest resident set of the process, in MB (10^6 bytes). */
  readonly peakRss: number;
  readonly metrics?: Readonly<Record<string, number | null>>;
  readonly versions?: Readonly<Record<string, string>>;
  readonly notes?: Readonly<Record<string, string | number>>;
  /** The BLAS libraries of a peer, with the processor whose kernels they run, and their threads. */
  readonly kernels?: readonly string[];
  /** The ids that the first queries found, to see that the contestants did the same work. */
  readonly sample?: readonly (readonly number[])[];
}

/** What a contestant of the search benchmark is asked. */
export interface SearchArgument {
  readonly folder: string;
  readonly k: number;
  readonly threads: number;
  readonly form: Form;
  /** The first queries only, or for `self` the first gallery items. */
  readonly queries: number;
  /** The first items of the gallery only. */
  readonly gallery?: number;
}

/** Queries in a sample. */
export const SAMPLE = 10;
/** Queries that are searched before time is taken: at once, and one after the other. */
export const WARM_ROWS = 512;
export const WARM_SINGLE = 10;

/**
 * Runs a contestant in a process of its own, so that its peak memory is its own. The process that calls this must stay small: on Linux a child's
 * peak counts the pages that it had of its parent before it became another program.
 */
async function runProcess<T>(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<T> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(new UserError(`${command}: cannot be started (${error.message})`)));
    child.on('close', resolve);
  });
  const last = output.trim().split('\n').at(-1) ?? '';
  if (code !== 0) throw new UserError(`${[command, ...args].join(' ')}: ended with exit code ${code}`);
  return JSON.parse(last) as T;
}

/** Runs `bench/children/NAME.ts`, built. @param argument what it finds by `childArgument` */
export function runChild(name: string, argument: object = {}, nodeFlags: readonly string[] = []): Promise<Measurement> {
  return runProcess(process.execPath, [
    ...nodeFlags,
    fileURLToPath(new URL(`children/${name}.js`, import.meta.url)),
    JSON.stringify(argument),
  ]);
}

/** Runs `bench/peers/NAME.py` with the threads that its argument gives, on the best kernels of OpenBLAS. */
export function runPeer<T = Measurement>(
  python: string,
  name: string,
  argument: { readonly threads: number; readonly [name: string]: unknown },
): Promise<T> {
  const script = fileURLToPath(new URL(`../../bench/peers/${name}.py`, import.meta.url));
  const threads = `${argument.threads}`;
  const numbers = { OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
  const env = { ...process.env, ...numbers, OPENBLAS_CORETYPE: coreType(), OPENBLAS_L2_SIZE: undefined };
  return runProcess(python, [script, JSON.stringify(argument)], env);
}

/**
 * What OpenBLAS is told of the processor, whatever is set here for other work. Left alone, one that is older than the processor takes it for an ancient
 * one: FAISS 1.15.1 (OpenBLAS 0.3.15) runs SSE kernels on a Zen 5, six times slower.
 */
function coreType(): string | undefined {
  if (!existsSync('/proc/cpuinfo')) return undefined;
  const flags = readFileSync('/proc/cpuinfo', 'utf8');
  if (/\bavx512f\b/.test(flags)) return 'SkylakeX';
  return /\bavx2\b/.test(flags) ? 'Haswell' : undefined;
}

/** In a child: what its parent gave it. */
export function childArgument<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** In a child: answers the parent, adding the peak memory. */
export function answer(measurement: Omit<Measurement, 'peakRss'>): void {
  const peakRss = (process.resourceUsage().maxRSS * 1024) / 1e6;
  console.log(JSON.stringify({ ...measurement, peakRss }));
}

/** Seconds since `performance.now()` was `start`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

/** Seconds that all cores together have worked for this process. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
