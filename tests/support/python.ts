import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Run, run } from './cli.js';

/** A Python with torch, OML and ONNX Runtime: the environment variable RANKSTREAM_PYTHON, else that of the peers of the benchmarks. */
export const PYTHON = process.env.RANKSTREAM_PYTHON ?? join(ROOT, 'bench/peers/venv/bin/python');

const NEEDED = ['torch', 'torchvision', 'oml', 'onnx', 'onnxscript', 'onnxruntime'];

/** Whether there is one; tests that need it are skipped where there is none. */
export const hasPython =
  existsSync(PYTHON) &&
  spawnSync(PYTHON, ['-c', `from importlib.util import find_spec as f; assert all(map(f, ${JSON.stringify(NEEDED)}))`]).status === 0;

export function python(args: readonly string[], cwd?: string): Promise<Run> {
  return run(PYTHON, ['-W', 'ignore', ...args], { cwd });
}
