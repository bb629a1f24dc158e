import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { built } from './built.js';
import type { Device } from './onnx-protocol.js';

/** What came of trying a device. */
export interface ProbeAnswer {
  /** A model was opened and run there, and gave the right number. */
  readonly works: boolean;
  /** It works, but no better than a processor would: a graphics device in software. */
  readonly slow?: boolean;
  /** Why it does not work; one line. */
  readonly cause?: string;
}

/** A graphics driver may take its time to start, but not for ever. */
const LIMIT_MS = 30_000;

/**
 * Tries a device in a process of its own: a driver that crashes or hangs takes only that process with it, and what native code writes to
 * stderr (`Couldn't load Vulkan`) does not reach the user.
 */
export function probe(device: Device): Promise<ProbeAnswer> {
  const script = fileURLToPath(built(import.meta.url, 'device-probe.js'));
  return new Promise((resolve) => {
    const options = { timeout: LIMIT_MS, killSignal: 'SIGKILL', windowsHide: true } as const;
    execFile(process.execPath, [script, device], options, (error, stdout) => {
      // Only a whole answer counts; a process that crashes after it, while it ends, has answered all the same.
      const answer = stdout.split('\n').find((line) => line.startsWith('{') && line.endsWith('}'));
      if (answer) resolve(JSON.parse(answer));
      else resolve({ works: false, cause: ended(error) });
    });
  });
}

function ended(error: (Error & { killed?: boolean; signal?: NodeJS.Signals | null; code?: number | string | null }) | null): string {
  if (error?.killed) return `it did not answer within ${LIMIT_MS / 1000} seconds`;
  return `the process that tried it ended with ${error?.signal ?? `status ${error?.code ?? 0}`}`;
}
