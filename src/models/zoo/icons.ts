import type { ModelSpec } from '../model-spec.js';
import type { ZooModel } from './zoo-model.js';

const SIDE = 64;
const pictures = ['batch', 1, SIDE, SIDE];

/** Drawings as both were trained on them: 0 is paper, 1 ink. An SVG of 256 units comes out at 64 pixels without resampling at this density. */
const spec: ModelSpec = {
  modality: 'image',
  input: {
    transform: [{ resize: { size: [SIDE, SIDE] } }, { channels: 'gray' }, { normalise: { mean: 1, std: -1 } }],
    density: 18,
  },
};

/** Made for this project and part of the package; docs/items.md tells of what. */
export const ICONS: readonly ZooModel[] = [
  {
    name: 'icon-embedder',
    about: 'small CNN for line drawings, trained on 756 icons of Phosphor (ArcFace)',
    kind: 'extractor',
    spec,
    dim: 128,
    inputs: { image: pictures },
    licence: 'Apache-2.0',
    files: [
      {
        name: 'icon-embedder.onnx',
        path: 'icon-embedder.onnx',
        sha256: '1880b74a9ace8bc0ef6184410c36f198cf08522d45c1b423b71378ed8130382f',
        bytes: 1_238_053,
      },
    ],
  },
  {
    name: 'icon-siamese',
    about: 'compares two line drawings, for re-ranking what icon-embedder finds',
    kind: 'pairwise',
    spec,
    inputs: { x1: pictures, x2: pictures },
    licence: 'Apache-2.0',
    files: [
      {
        name: 'icon-siamese.onnx',
        path: 'icon-siamese.onnx',
        sha256: 'd858ca6522a63f4b35908cd0f9cfc94130ba74de8b61637ba6f64004af2f6a91',
        bytes: 1_184_697,
      },
    ],
  },
];
