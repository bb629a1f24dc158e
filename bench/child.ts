import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../src/data/errors.js';

/** What a contestant says about one run. */
export interface Measurement {
  /** Seconds by part of the work. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Largest resident set of the process, in MB (10^6 bytes). */
  readonly peakRss: number;
  readonly metrics?: Readonly<Record<string, number | null>>;
  readonly versions?: Readonly<Record<string, string>>;
  readonly notes?: Readonly<Record<string, string | number>>;
}

/**
 * Runs a contestant in a process of its own, so that its peak memory is its own. The process that calls this must stay small: on Linux a child's
 * peak counts the pages that it had of its parent before it became another program.
 */
async function runProcess(command: string, args: readonly string[]): Promise<Measurement> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
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
  return JSON.parse(last) as Measurement;
}

/** Runs `bench/children/NAME.ts`, built. @param argument what it finds by `childArgument` */
export function runChild(name: string, argument: object = {}, nodeFlags: readonly string[] = []): Promise<Measurement> {
  return runProcess(process.execPath, [
    ...nodeFlags,
    fileURLToPath(new URL(`children/${name}.js`, import.meta.url)),
    JSON.stringify(argument),
  ]);
}

/** Runs `bench/peers/NAME.py`. */
export function runPeer(python: string, name: string, args: readonly string[]): Promise<Measurement> {
  return runProcess(python, [fileURLToPath(new URL(`../../bench/peers/${name}.py`, import.meta.url)), ...args]);
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
