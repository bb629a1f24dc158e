import { firstLine, UserError } from '../data/errors.js';
import './no-telemetry.js';
import { DEVICES, type Device } from './onnx-protocol.js';
import { type ProbeAnswer, probe } from './probe-process.js';

export { DEVICES, type Device };

/** An execution provider that onnxruntime-node was built with. */
export interface ExecutionProvider {
  readonly name: string;
  /** Whether its libraries come with the npm package; those of CUDA are fetched by onnxruntime-node's install script. */
  readonly bundled: boolean;
}

/** What onnxruntime-node was built with: whether a provider runs here is another matter, see `availableDevices`. */
export async function executionProviders(): Promise<readonly ExecutionProvider[]> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  return listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
}

/** The devices on which a small model was opened, was run and gave the right number. Found out once in a process. */
export async function availableDevices(): Promise<Device[]> {
  const answers = await Promise.all(DEVICES.map(tried));
  return DEVICES.filter((_, d) => answers[d].works);
}

/**
 * The device to use. `auto` is CUDA where the runtime has it, else WebGPU on a real adapter, else the CPU, and never fails.
 * @throws UserError where the device asked for is not there: one line that lists what is
 */
export async function resolveDevice(asked: 'auto' | Device): Promise<Device> {
  if (asked === 'cpu') return asked;
  if (asked === 'auto') return automatic();
  if (!DEVICES.includes(asked)) throw new UserError(`unknown device "${asked}" (known: auto, ${DEVICES.join(', ')})`);
  const { works, cause } = await tried(asked);
  if (works) return asked;
  throw new UserError(`device ${asked} is not available here (there are: ${(await availableDevices()).join(', ')}): ${cause}`);
}

async function automatic(): Promise<Device> {
  const [cuda, webgpu] = await Promise.all([tried('cuda'), tried('webgpu')]);
  if (cuda.works) return 'cuda';
  return webgpu.works && !webgpu.slow ? 'webgpu' : 'cpu';
}

const answers = new Map<Device, Promise<ProbeAnswer>>();

function tried(device: Device): Promise<ProbeAnswer> {
  const known = answers.get(device) ?? attempt(device);
  answers.set(device, known);
  return known;
}

/** Never rejects: a device that cannot be tried is one that does not work. */
async function attempt(device: Device): Promise<ProbeAnswer> {
  try {
    const providers = await executionProviders();
    if (!providers.some(({ name }) => name === device)) return { works: false, cause: 'onnxruntime-node was built without it' };
    return await probe(device);
  } catch (error) {
    return { works: false, cause: firstLine(error) };
  }
}
