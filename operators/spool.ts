import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { createRetrievalWriter, readRetrieval } from '../src/io/retrieval-file.js';
import type { Spool } from './stage.js';

/**
 * Results on disk between the two passes of a stage: a temporary Arrow file, batch for batch. What is never saved (`rr.queries`) does not come back.
 */
export async function openRetrievalSpool(): Promise<Spool<RetrievalResults>> {
  const folder = await mkdtemp(join(tmpdir(), 'rankstream-'));
  const file = join(folder, 'spool.arrow');
  const writer = createRetrievalWriter(file);
  let finished = false;
  return {
    write: (rr) => writer.write(rr),
    async finish() {
      await writer.close();
      finished = true;
    },
    read: () => readRetrieval(file),
    async remove() {
      if (!finished) await writer.abort();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
