import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runExtract } from '../../pipelines/extract.js';
import { answer, childArgument, cpuSeconds, secondsSince } from '../child.js';
import type { InferenceArgument } from '../inference-cases.js';

/*
 * `rankstream extract --no-cache`, from files to a Parquet file. Time is taken from where the table is read and the model open, to where the result is in its
 * place; start-up is what comes before. So that the engine has compiled what is measured, a few items are embedded first.
 */
const { folder, items, warm, model, threads } = childArgument<InferenceArgument & { warm: string }>();
const out = mkdtempSync(join(tmpdir(), 'rankstream-bench-'));

async function extract(table: string) {
  const called = performance.now();
  let started = { at: called, cpu: cpuSeconds() };
  const progress = {
    start() {
      started = { at: performance.now(), cpu: cpuSeconds() };
    },
    advance() {},
    stop() {},
  };
  await runExtract({ items: table, root: folder, model, out: join(out, 'e.parquet'), device: 'cpu', threads, cache: false }, { progress });
  return { opening: (started.at - called) / 1000, extract: secondsSince(started.at), cpu: cpuSeconds() - started.cpu };
}

try {
  await extract(warm);
  answer({ seconds: await extract(items) });
} finally {
  rmSync(out, { recursive: true, force: true });
}
