import { type Constant, type Node, onnxModel } from '../src/runtime/onnx-graph.js';
import { Random } from './random.js';

const [LAYERS, DIM, INNER] = [3, 256, 1024];

/**
 * A small model of texts with random weights: the vector of each token through three layers of a transformer's feed-forward part, without attention. `input_ids`
 * and `attention_mask` int64 [batch, tokens] to `tokens` float32 [batch, tokens, 256], which are to be pooled.
 */
export function textModel(vocabulary: number, seed: number): Uint8Array {
  const random = new Random(seed);
  const nodes: Node[] = [{ type: 'Gather', inputs: ['vocabulary', 'input_ids'], outputs: ['layer0'] }];
  const constants: Constant[] = [];
  const matrix = (name: string, rows: number, columns: number, range: number) => {
    const values = Float32Array.from({ length: rows * columns }, () => range * (2 * random.uniform() - 1));
    constants.push({ name, values, dims: [rows, columns] });
  };
  matrix('vocabulary', vocabulary, DIM, 1);
  for (let i = 0; i < LAYERS; i++) {
    matrix(`in${i}`, DIM, INNER, Math.sqrt(6 / DIM));
    matrix(`out${i}`, INNER, DIM, Math.sqrt(1 / INNER));
    nodes.push(
      { type: 'MatMul', inputs: [`layer${i}`, `in${i}`], outputs: [`wide${i}`] },
      { type: 'Relu', inputs: [`wide${i}`], outputs: [`relu${i}`] },
      { type: 'MatMul', inputs: [`relu${i}`, `out${i}`], outputs: [`narrow${i}`] },
      { type: 'Add', inputs: [`layer${i}`, `narrow${i}`], outputs: [i === LAYERS - 1 ? 'tokens' : `layer${i + 1}`] },
    );
  }
  return onnxModel({
    nodes,
    constants,
    inputs: ['input_ids', 'attention_mask'].map((name) => ({ name, type: 'int64', dims: ['batch', 'length'] })),
    outputs: [{ name: 'tokens', type: 'float32', dims: ['batch', 'length', DIM] }],
  });
}

/** A tokenizer.json that knows these words, whole ones. */
export function wordTokenizer(words: readonly string[]): object {
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', ...words].map((word, id) => [word, id]));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
  };
}
