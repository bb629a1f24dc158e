import type { ZooModel } from './zoo-model.js';

export const TEXTS: readonly ZooModel[] = [
  {
    name: 'all-minilm-l6-v2',
    about: 'sentences and short paragraphs, English',
    kind: 'extractor',
    spec: {
      modality: 'text',
      input: { tokenizer: 'tokenizer.json', 'max-length': 256 },
      output: 'last_hidden_state',
      pooling: 'mean',
      normalise: true,
    },
    dim: 384,
    inputs: { input_ids: ['batch', 'tokens'], attention_mask: ['batch', 'tokens'], token_type_ids: ['batch', 'tokens'] },
    licence: 'Apache-2.0',
    hub: { repo: 'sentence-transformers/all-MiniLM-L6-v2', revision: '1110a243fdf4706b3f48f1d95db1a4f5529b4d41' },
    files: [
      {
        name: 'model.onnx',
        path: 'onnx/model.onnx',
        sha256: '6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452',
        bytes: 90_405_214,
      },
      {
        name: 'tokenizer.json',
        path: 'tokenizer.json',
        sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
        bytes: 466_247,
      },
    ],
  },
];
