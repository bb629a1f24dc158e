import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { VERSION } from '../pipelines/version.js';

const require = createRequire(import.meta.url);

/** The conditions of a run, printed above its numbers: without them they mean nothing. */
export function environment(): string {
  const ort = (require('onnxruntime-node/package.json') as { version: string }).version;
  return [
    `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `node ${process.version}, rankstream ${VERSION}, onnxruntime-node ${ort}`,
    loadLine(),
  ].join('\n');
}

/** What else the machine is doing. */
export function loadLine(): string {
  const [one, five] = loadavg();
  const busy = one > 0.5 * availableParallelism();
  return `load before the run ${one.toFixed(2)} (5 min: ${five.toFixed(2)})${busy ? ': the machine is busy, do not trust the seconds' : ''}`;
}
