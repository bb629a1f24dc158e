import { type Device, resolveDevice } from '../src/runtime/devices.js';

/**
 * Starts to find out where to search. Trying the devices of `auto` takes some 0.2 s, while which the gallery can be read; one that was asked for is
 * tried before anything else is done.
 * @throws UserError where the device asked for is not there: one line that lists what is
 */
export async function chooseDevice(asked: 'auto' | Device = 'auto'): Promise<{ readonly device: Promise<Device> }> {
  const device = resolveDevice(asked);
  if (asked !== 'auto') await device;
  return { device };
}
