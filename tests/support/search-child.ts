import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Matrix } from '../../src/data/matrix.js';
import type { Answer, Task } from '../search/exact-properties.js';
import { ROOT } from './cli.js';

/** A process that searches on a device. */
export interface SearchChild {
  search(task: Task): Promise<Answer & { readonly device: string }>;
  close(): Promise<void>;
}

/** @param env set before the process starts, for the library path */
export function searchChild(device: string, env: NodeJS.ProcessEnv): SearchChild {
  const script = join(ROOT, 'tests/support/search-child.mjs');
  const child = spawn(process.execPath, [script, device], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async search({ gallery, queries, self, ...task }) {
      const request = { ...task, gallery: encoded(gallery), queries: encoded(queries), self: self && textOf(self) };
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the process that searches has ended');
      const answer = JSON.parse(value);
      return {
        ...answer,
        offsets: new Int32Array(bytesOf(answer.offsets)),
        ids: new Int32Array(bytesOf(answer.ids)),
        distances: new Float32Array(bytesOf(answer.distances)),
      };
    },
    close: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const encoded = ({ data, rows, dim }: Matrix) => ({ data: textOf(data), rows, dim });

function textOf(values: Float32Array | Int32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function bytesOf(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text, 'base64')).buffer;
}
