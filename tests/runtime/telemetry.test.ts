import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, rankstream } from '../support/cli.js';
import { temporaryFolder } from '../support/tables.js';

const VECTORS = 'tests/fixtures/io/vectors-f4.npy';
const folder = temporaryFolder();

describe('ONNX Runtime', () => {
  it.each([
    ['on the CPU', []],
    ['on whatever there is', ['--device', 'auto']],
  ])('sends and keeps no telemetry of a search %s', async (_, device) => {
    const home = mkdtempSync(join(folder, 'home-'));
    const env = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: undefined, ORT_DISABLE_TELEMETRY: undefined };
    const { stderr, status } = await rankstream(['search', '--queries', VECTORS, '--gallery', VECTORS, '--out', '-', ...device], {
      cwd: ROOT,
      env,
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });
});
