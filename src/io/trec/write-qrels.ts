import { assertTrecId, writeLines } from './line-writer.js';
import { judgedById, type Qrels } from './qrels.js';

/**
 * Writes qrels in TREC's format (`query 0 document relevance`), queries and their documents by id ascending. Gzip where the name ends with `.gz`.
 * @throws UserError for ids that the format cannot hold, and for a file that cannot be written
 */
export async function writeQrels(path: string, qrels: Qrels): Promise<void> {
  await writeLines(path, async (writer) => {
    for (const row of qrels.queries.sorted()) {
      const query = qrels.queries.id(row);
      assertTrecId(query, 'query id', path);
      for (const at of judgedById(qrels, row)) {
        const document = qrels.documents.id(qrels.ids[at]);
        assertTrecId(document, 'document id', path);
        await writer.write(`${query} 0 ${document} ${qrels.values[at]}\n`);
      }
    }
  });
}
