import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/cli.js';
import { type SwiftShader, swiftShader } from '../support/swiftshader.js';

const CHILD = join(ROOT, 'tests/support/webgpu-child.mjs');

async function seenWith(env: NodeJS.ProcessEnv) {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD], { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('WebGPU on a device in software', () => {
  let software: SwiftShader;
  beforeAll(async () => {
    software = await swiftShader();
  });
  afterAll(() => software.remove());

  it('is there, finds the right neighbours, also in shared memory, and is not what auto takes', async () => {
    const seen = await seenWith(software.env);
    expect(seen.devices.slice(0, 2)).toEqual(['cpu', 'webgpu']);
    expect(seen).toMatchObject({ webgpu: 'webgpu', wrong: [0, 0], wrongInto: [0, 0] });
    if (!seen.devices.includes('cuda')) {
      expect(seen.auto).toBe('cpu');
      expect(seen.cuda).toMatch(/^UserError: device cuda is not available here \(there are: cpu, webgpu\): .+$/);
    }
    expect(seen.broken).toMatch(/^Error: the model cannot be opened on device webgpu: .+$/);
  });

  it('is refused in one line where no Vulkan driver is', async () => {
    const seen = await seenWith({ VK_DRIVER_FILES: '/nowhere.json' });
    expect(seen.webgpu).toMatch(/^UserError: device webgpu is not available here \(there are: cpu(, cuda)?\): .+$/);
    expect(seen.devices).not.toContain('webgpu');
  });
});
