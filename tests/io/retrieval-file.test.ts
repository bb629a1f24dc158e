import { readdirSync, writeFileSync } from 'node:fs';
import { type DataType, Field, Float32, Int32, List, RecordBatchFileWriter, Schema } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { createRetrievalWriter, readRetrieval } from '../../src/io/retrieval-file.js';
import { retrievals } from './arbitrary.js';
import { collect, refusal, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const fixtures = 'tests/fixtures/io/';

async function save(path: string, batches: readonly RetrievalResults[]): Promise<void> {
  const writer = createRetrievalWriter(path);
  for (const rr of batches) await writer.write(rr);
  await writer.close();
}

describe('a retrieval file', () => {
  it.each(['.arrow', '.arrows', '.feather', '.parquet'])('%s makes the round trip bit by bit', async (ending) => {
    const path = folder.path(`round${ending}`);
    await fc.assert(
      fc.asyncProperty(retrievals, fc.integer({ min: 1, max: 5 }), fc.nat(12), async (rr, batchRows, cut) => {
        const at = Math.min(cut, rr.length);
        await save(path, [rr.slice(0, at), rr.slice(at, rr.length)]);
        const whole = await collect(readRetrieval(path));
        expect(RetrievalResults.concat(whole).equals(rr)).toBe(true);
        if (ending !== '.parquet') expect(whole.map((part) => part.length)).toEqual([at, rr.length - at]);
        const parts = await collect(readRetrieval(path, { batchRows }));
        expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(batchRows);
        expect(RetrievalResults.concat(parts).equals(rr)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['.arrow', '.arrows', '.parquet'])('%s without a batch holds no queries', async (ending) => {
    const path = folder.path(`none${ending}`);
    await save(path, []);
    const batches = await collect(readRetrieval(path));
    expect(batches.map((rr) => rr.length)).toEqual([0]);
  });

  it('of another writer, with not even an empty batch, holds no queries', async () => {
    const lists = (name: string, type: DataType) => new Field(name, new List(new Field('item', type)));
    const writer = new RecordBatchFileWriter();
    writer.reset(undefined, new Schema([lists('retrieved', new Int32()), lists('distance', new Float32())]));
    writer.finish();
    writeFileSync(folder.path('bare.arrow'), writer.toUint8Array(true));
    const batches = await collect(readRetrieval(folder.path('bare.arrow')));
    expect(batches.map((rr) => rr.length)).toEqual([0]);
  });

  it('refuses batches of different retrievals', async () => {
    const writer = createRetrievalWriter(folder.path('mixed.arrow'));
    const rr = (k: number) => RetrievalResults.fromLists({ retrieved: [[1]], distances: [[1]], info: { k } });
    await writer.write(rr(1));
    expect(await refusal(() => writer.write(rr(2)))).toMatch(/mixed.arrow: batch 1 does not fit those before: k is 2 instead of 1$/);
    await writer.abort();
    expect(folder.names().filter((name) => name.includes('mixed'))).toEqual([]);
  });

  it.each(readdirSync(fixtures).filter((name) => name.startsWith('rr-')))('reads %s', async (name) => {
    const rr = RetrievalResults.concat(await collect(readRetrieval(fixtures + name)));
    const expected = RetrievalResults.fromLists({
      retrieved: Array.from({ length: 6 }, (_, i) => Array.from({ length: i % 4 }, (_, j) => i + j)),
      distances: Array.from({ length: 6 }, (_, i) => Array.from({ length: i % 4 }, (_, j) => 0.5 * (j + 1))),
      relevant: Array.from({ length: 6 }, (_, i) => [i, i + 2]),
      columns: rr.columns,
    });
    expect(rr.equals(expected)).toBe(true);
    expect([...rr.columns.category]).toEqual([null, 'odd', null, 'odd', null, 'odd']);
  });
});
