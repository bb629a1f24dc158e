import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fromTrecName } from '../../src/metrics/trec-names.js';
import { childArgument, type Measurement, secondsSince } from '../child.js';

/* trec_eval's C program. Its peak memory is what Linux says of it shortly before its end. */
const { program, qrels, run } = childArgument<{ program: string; qrels: string; run: string }>();
const measures = ['success.1', 'P.5,10', 'recall.10,100', 'map', 'recip_rank', 'ndcg_cut.10,100', 'Rprec'];

const start = performance.now();
const child = spawn(program, [...measures.flatMap((measure) => ['-m', measure]), qrels, run], { stdio: ['ignore', 'pipe', 'inherit'] });
let peakRss = 0;
const watch = setInterval(() => {
  try {
    const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
    if (peak) peakRss = (Number(peak[1]) * 1024) / 1e6;
  } catch {
    // It has ended, or this is no Linux.
  }
}, 20);
let output = '';
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text;
});
const code = await new Promise((resolve, reject) => {
  child.on('error', reject);
  child.on('close', resolve);
});
clearInterval(watch);
if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
const metrics = Object.fromEntries(
  output
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .map(([name, , value]) => [fromTrecName(name) ?? name, Number(value)]),
);
const measurement: Measurement = { seconds: { 'text to metrics': secondsSince(start) }, peakRss, metrics };
console.log(JSON.stringify(measurement));
