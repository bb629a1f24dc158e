import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Field, FixedSizeList, Float32, makeData, makeVector, type RecordBatch, Table, type Vector, vectorFromArray } from 'apache-arrow';
import { afterAll } from 'vitest';
import { createWriter } from '../../src/io/write.js';

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rankstream-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A column of embeddings, FixedSizeList<Float32>. */
export function embeddingColumn(vectors: readonly (readonly number[])[]): Vector {
  const dim = vectors[0]?.length ?? 1;
  const values = Float32Array.from(vectors.flat());
  const type = new FixedSizeList(dim, new Field('item', new Float32(), true));
  const child = makeData({ type: new Float32(), data: values });
  return makeVector(makeData({ type, length: vectors.length, nullCount: 0, child }));
}

/** A record batch of embeddings and other columns (arrays, or Arrow vectors where the type matters). */
export function embeddingTable(
  vectors: readonly (readonly number[])[],
  columns: Readonly<Record<string, readonly unknown[] | Vector>> = {},
): RecordBatch {
  const arrow = Object.entries(columns).map(([name, values]) => [
    name,
    Array.isArray(values) ? vectorFromArray(values) : (values as Vector),
  ]);
  return new Table(Object.fromEntries([['embedding', embeddingColumn(vectors)], ...arrow])).batches[0];
}

/** Writes batches to a file by its extension. */
export async function writeTable(path: string, ...batches: RecordBatch[]): Promise<string> {
  const writer = createWriter(path);
  for (const batch of batches) await writer.write(batch);
  await writer.close();
  return path;
}

/** Deterministic pseudo-random numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Points around one centre a label: a retrieval that is good, but not perfect. */
export function clusters(rows: number, labels: number, dim: number, seed = 1, noise = 0.9): { vectors: number[][]; label: number[] } {
  const next = random(seed);
  const centres = Array.from({ length: labels }, () => Array.from({ length: dim }, () => next() * 2 - 1));
  const label = Array.from({ length: rows }, (_, row) => row % labels);
  return { vectors: label.map((l) => centres[l].map((x) => Math.fround(x + noise * (next() * 2 - 1)))), label };
}
