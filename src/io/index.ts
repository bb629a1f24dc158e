export { readTable } from './open.js';
export { type EmbeddingOptions, type EmbeddingSource, readEmbeddings } from './read-embeddings.js';
export { createRetrievalWriter, type RetrievalWriter, readRetrieval } from './retrieval-file.js';
export type { ReadOptions, RecordBatchSource, TableInfo } from './source.js';
export { assertWritable, createWriter, type TableWriter } from './write.js';
