import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { availableDevices, type Device, executionProviders, resolveDevice } from '../../src/runtime/devices.js';
import { OnnxSession } from '../../src/runtime/onnx-session.js';

describe('devices', () => {
  it('the CPU is always there, and first', async () => {
    expect((await availableDevices())[0]).toBe('cpu');
    expect(await resolveDevice('cpu')).toBe('cpu');
    expect(await executionProviders()).toContainEqual({ name: 'cpu', bundled: true });
  });

  it('auto never fails and takes what is there', async () => {
    expect(await availableDevices()).toContain(await resolveDevice('auto'));
  });

  it('a device that is not there is refused in one line that lists those that are', async () => {
    const there = await availableDevices();
    for (const device of ['webgpu', 'cuda'] as const) {
      if (there.includes(device)) {
        expect(await resolveDevice(device)).toBe(device);
        continue;
      }
      const error = await resolveDevice(device).catch((thrown: unknown) => thrown as Error);
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(
        new RegExp(`^device ${device} is not available here \\(there are: ${there.join(', ')}\\): .+$`),
      );
    }
  });

  it('a name that is no device is the user’s mistake', async () => {
    await expect(resolveDevice('gpu' as Device)).rejects.toThrow('unknown device "gpu" (known: auto, cpu, webgpu, cuda)');
  });
});

describe('OnnxSession', () => {
  it('says which device and why, when it cannot open a model', async () => {
    await expect(OnnxSession.open(Uint8Array.of(1, 2, 3))).rejects.toThrow(/^the model cannot be opened on device cpu: .+$/);
    const there = await availableDevices();
    if (there.includes('cuda')) return;
    await expect(OnnxSession.open(Uint8Array.of(1, 2, 3), { device: 'cuda' })).rejects.toThrow(
      /^the model cannot be opened on device cuda: .+$/,
    );
  });
});
