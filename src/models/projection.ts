import { createHash } from 'node:crypto';
import { makeVector } from 'apache-arrow';
import { readEmbeddings } from '../data/embeddings-column.js';
import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import { openNpy } from '../io/npy.js';
import { onnxModel } from '../runtime/onnx-graph.js';
import { OnnxSession, type SessionOptions } from '../runtime/onnx-session.js';
import { fitFeeds } from './feeds.js';
import { readModel } from './model-metadata.js';
import { withSession } from './open-session.js';
import { described } from './tensor-info.js';
import { vectorsOf } from './vectors-of.js';

/** A head on a frozen extractor (OML's `ExtractorWithMLP`): embeddings in, embeddings out. */
export interface Projection {
  /** Of what comes out, where the head tells it before it runs. */
  readonly dim?: number;
  /** SHA-256 (hexadecimal) of the head. */
  readonly hash: string;
  project(vectors: Matrix): Promise<Matrix>;
  close(): Promise<void>;
}

/** A head as a model, its weights in it or beside it. */
interface Head {
  readonly model: Uint8Array;
  readonly externalData?: { path: string; data: Uint8Array }[];
}

/**
 * Opens a head: an ONNX model [batch, dim] -> [batch, out] of any batch, as an MLP is exported; or the weight of a linear layer without bias,
 * [out, dim], as npy.
 * @param dim of the extractor, where it is known
 * @throws UserError for a head of another form or dimension
 */
export async function openProjection(
  file: string,
  dim: number | undefined,
  options: Pick<SessionOptions, 'device' | 'threads'>,
): Promise<Projection> {
  const { model, externalData = [] }: Head = /\.npy$/i.test(file) ? linear(await weightOf(file)) : { model: await readModel(file) };
  const hash = createHash('sha256').update(model);
  for (const { data } of externalData) hash.update(data);
  return withSession(OnnxSession.open(model, { ...options, externalData }), file, (session) => {
    if (!isHead(session, dim)) {
      const found = `inputs ${session.inputs.map(described).join(', ')} and outputs ${session.outputs.map(described).join(', ')}`;
      throw new UserError(
        `${file}: a head takes float32 [batch, ${dim ?? 'dim'}] of any batch and gives [batch, out]; this one has ${found}`,
      );
    }
    const out = session.outputs[0].shape[1];
    return {
      dim: typeof out === 'number' ? out : undefined,
      hash: hash.digest('hex'),
      project: (vectors) => project(session, file, vectors),
      close: () => session.close(),
    };
  });
}

function isHead({ inputs, outputs }: OnnxSession, dim: number | undefined): boolean {
  if (inputs.length !== 1 || outputs.length !== 1 || inputs[0].shape.length !== 2 || outputs[0].shape.length !== 2) return false;
  const [batch, takes] = inputs[0].shape;
  return typeof batch === 'string' && (typeof takes === 'string' || dim === undefined || takes === dim);
}

async function project(session: OnnxSession, file: string, { data, rows, dim }: Matrix): Promise<Matrix> {
  const [output] = session.outputs;
  const { feeds } = fitFeeds(file, session.inputs, { input: { type: 'float32', data, dims: [rows, dim] } });
  return vectorsOf((await session.run(feeds, [output.name], () => {}))[output.name], rows, file);
}

/** x W^T, as a model whose weight is beside it. */
function linear({ data, rows, dim }: Matrix): Head {
  const model = onnxModel({
    nodes: [{ type: 'Gemm', inputs: ['embedding', 'weight'], outputs: ['projected'], attributes: { transB: 1 } }],
    external: [{ name: 'weight', type: 'float32', dims: [rows, dim] }],
    inputs: [{ name: 'embedding', type: 'float32', dims: ['batch', dim] }],
    outputs: [{ name: 'projected', type: 'float32', dims: ['batch', rows] }],
  });
  return { model, externalData: [{ path: 'weight', data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }] };
}

async function weightOf(file: string): Promise<Matrix> {
  const npy = await openNpy(file);
  try {
    return readEmbeddings(makeVector(await npy.read(0, npy.rows)), { source: file, column: 'weight', firstRow: 0 });
  } finally {
    await npy.close();
  }
}
