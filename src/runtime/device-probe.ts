// Run by `probe` in a process of its own: tries the device named on the command line and prints a ProbeAnswer.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { deviceProbeGraph } from './device-probe-graph.js';
import { onnxCause } from './onnx-cause.js';
import type { Device } from './onnx-protocol.js';
import { providers } from './onnx-providers.js';
import type { ProbeAnswer } from './probe-process.js';

/** Sides of the matrices multiplied: the smallest finds a slow device on few cores at once, the largest outweighs a fast one's latency. */
const SIDES = [256, 512, 1024];
const ROUNDS = 3;
/** A device is slow that takes longer than this and longer than that many times the time of one processor thread. */
const SLOW_MS = 20;
const SLOW_TIMES = 8;

const device = process.argv[2] as Device;
process.stdout.write(`${JSON.stringify(await answer())}\n`);

async function answer(): Promise<ProbeAnswer> {
  try {
    const session = await open(device);
    const result = await largest(session, 1, 3);
    if (result !== 9) return { works: false, cause: `3 times 3 is ${result} there` };
    return device === 'webgpu' ? await speed(session) : { works: true };
  } catch (error) {
    return { works: false, cause: onnxCause(error) };
  }
}

/**
 * onnxruntime-node does not tell which adapter WebGPU chose. Adapters in software (SwiftShader, llvmpipe) give themselves away by their
 * speed: measured with SwiftShader, a matrix product takes 250 times as long as on one processor thread.
 */
async function speed(session: InferenceSession): Promise<ProbeAnswer> {
  const processor = await open('cpu');
  for (const side of SIDES) {
    const [there, here] = [await best(session, side), await best(processor, side)];
    if (Number.isNaN(there)) return { works: false, cause: 'its matrix product is wrong' };
    if (there > SLOW_MS && there > SLOW_TIMES * here) return { works: true, slow: true };
  }
  return { works: true, slow: false };
}

/** Milliseconds of the best of some runs; NaN where the result is wrong. The run before them compiles the shaders. */
async function best(session: InferenceSession, side: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    // Sums of `side` quarters are exact in float32, in whatever order.
    if ((await largest(session, side, 0.5)) !== side / 4) return Number.NaN;
    if (round > 0) least = Math.min(least, performance.now() - start);
  }
  return least;
}

async function largest(session: InferenceSession, side: number, value: number): Promise<number> {
  const a = new Tensor('float32', new Float32Array(side * side).fill(value), [side, side]);
  const results = await session.run({ a });
  return (results.largest.data as Float32Array)[0];
}

function open(on: Device): Promise<InferenceSession> {
  return InferenceSession.create(deviceProbeGraph(), { executionProviders: providers(on), intraOpNumThreads: 1, logSeverityLevel: 4 });
}
