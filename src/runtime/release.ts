import { MessageChannel } from 'node:worker_threads';

const { port1: nowhere, port2 } = new MessageChannel();
port2.close();

/**
 * Gives the memory of a large buffer back at once: what waits for the collector is memory that the next one cannot have, and new memory costs the
 * kernel a page at a time. Handing a buffer over to a port that nobody listens to is the only way that Node 20 has. The buffer cannot be used afterwards.
 */
export function release(buffer: ArrayBuffer): void {
  nowhere.postMessage(undefined, [buffer]);
}
