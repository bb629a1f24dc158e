import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { afterAll, beforeAll, expect } from 'vitest';
import { UserError } from '../../src/data/errors.js';

/** A folder of its own for a test file, removed at the end. */
export function temporaryFolder(): { path(name: string): string; names(): string[] } {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rankstream-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name), names: () => readdirSync(folder) };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The rows of batches as plain values. */
export function rowsOf(batches: readonly RecordBatch[]): unknown[] {
  return batches.flatMap((batch) => Array.from({ length: batch.numRows }, (_, i) => plain(batch.get(i)?.toJSON())));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v)));
}

/** The message of the UserError that reading ends with: one line. */
export async function refusal(act: () => unknown): Promise<string> {
  let error: unknown;
  try {
    await act();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain('\n');
  return message;
}
