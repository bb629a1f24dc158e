import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Run, run } from './cli.js';

/** A Python with torch, OML and ONNX Runtime: the environment variable RANKSTREAM_PYTHON, else that of the peers of the benchmarks. */
export const PYTHON = process.env.RANKSTREAM_PYTHON ?? join(ROOT, 'bench/peers/venv/bin/python');

/** Whether there is one; tests that need it are skipped where there is none. */
export const hasPython = existsSync(PYTHON);

export function python(args: readonly string[], cwd?: string): Promise<Run> {
  return run(PYTHON, ['-W', 'ignore', ...args], { cwd });
}
