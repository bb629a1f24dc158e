import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISTANCES } from '../../src/data/matrix.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { rankstream } from '../support/cli.js';
import { type SearchChild, searchChild } from '../support/search-child.js';
import { type SwiftShader, swiftShader } from '../support/swiftshader.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';
import { exactOnEveryWorld, searchHere } from './exact-properties.js';
import { worldOf } from './worlds.js';

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('search on WebGPU, in software', () => {
  let software: SwiftShader;
  let child: SearchChild;
  beforeAll(async () => {
    software = await swiftShader();
    child = searchChild('webgpu', software.env);
  });
  afterAll(async () => {
    await child.close();
    await software.remove();
  });

  exactOnEveryWorld('webgpu', (task) => child.search(task), 2);

  it.each(DISTANCES)('%s: the same bytes as on the CPU where rows are grouped, in any number of shards and queries', async (distance) => {
    const [rows, dim, k] = [5000, 24, 50];
    const world = worldOf('clustered', 11, rows, 40, dim);
    const task = { ...world, distance, k };
    const [int8, float32] = [await searchHere(task, { fastPass: 'int8' }), await searchHere(task, { fastPass: 'float32' })];
    const one = { data: world.queries.data.subarray(0, dim), rows: 1, dim };
    const [whole, sharded, alone] = [
      await child.search(task),
      await child.search({ ...task, shardBytes: 3000 * dim * 4 }),
      await child.search({ ...task, queries: one }),
    ];
    expect(whole.device).toBe('webgpu');
    for (const found of [float32, whole, sharded]) {
      expect(found.ids).toEqual(int8.ids);
      expect(found.distances).toEqual(int8.distances);
    }
    expect(alone.ids).toEqual(int8.ids.slice(0, k));
    expect(alone.distances).toEqual(int8.distances.slice(0, k));
  });

  it('finds what hangs on denormal numbers, which the device takes for zero', async () => {
    const gallery = { data: Float32Array.from({ length: 400 }, (_, row) => ((row * 7) % 400) * 1e-41), rows: 400, dim: 1 };
    const queries = { data: Float32Array.of(1e18, -1e18), rows: 2, dim: 1 };
    const task = { gallery, queries, distance: 'ip', k: 5 } as const;
    const [there, here] = [await child.search(task), await searchHere(task, {})];
    expect(there.ids).toEqual(here.ids);
    expect(there.distances).toEqual(here.distances);
    expect(there.retried).toBe(2);
  });

  it('on the command line: the same results and metrics, and the device that was used', async () => {
    const folder = temporaryFolder();
    const { vectors, label } = clusters(120, 8, 5);
    await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, { label }));
    const evaluated = async (device: string, ...more: string[]) => {
      const args = ['evaluate', 'items.parquet', '--device', device, '--results', `${device}.arrow`, '--json', ...more];
      const { status, stdout, stderr } = await rankstream(args, { cwd: folder, env: software.env });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return JSON.parse(stdout);
    };
    const lists = async (device: string) => {
      const found: unknown[] = [];
      for await (const rr of readRetrieval(join(folder, `${device}.arrow`))) {
        expect(rr.info.device).toBe(device);
        for (let q = 0; q < rr.length; q++) found.push([...rr.retrievedIds(q)], [...rr.distancesOf(q)]);
      }
      return found;
    };
    const [cpu, webgpu] = [await evaluated('cpu'), await evaluated('webgpu')];
    expect([cpu.device, webgpu.device]).toEqual(['cpu', 'webgpu']);
    expect({ ...webgpu, device: 0, seconds: 0 }).toEqual({ ...cpu, device: 0, seconds: 0 });
    expect(await lists('webgpu')).toEqual(await lists('cpu'));
    const fast = await evaluated('webgpu', '--precision', 'float32');
    expect(fast.metrics).toEqual(cpu.metrics);
  });
});
