import type { ZooModel } from './zoo-model.js';

const SIDE = 224;

const towers = { kind: 'extractor' as const, dim: 512, licence: 'MIT' };
const vision = {
  inputs: { pixel_values: ['batch', 3, SIDE, SIDE] },
  spec: { modality: 'image', input: { transform: { name: 'norm_resize_albu_clip', size: SIDE } }, output: 'image_embeds' },
};
const b32 = { repo: 'Xenova/clip-vit-base-patch32', revision: 'd15189d7028b43f1d3e65039190477f6af591c2a' };

/** The towers of OpenAI's CLIP, projected into the space that pictures and texts share; exports by Xenova for Transformers.js. */
export const CLIP: readonly ZooModel[] = [
  {
    ...towers,
    ...vision,
    name: 'clip-vitb32',
    about: 'ViT-B/32, the pictures of CLIP',
    oml: 'openai_vitb32_224',
    hub: b32,
    files: [
      {
        name: 'model.onnx',
        path: 'onnx/vision_model.onnx',
        sha256: 'fd6e1402a588279d1723c7534d4bcba5bc0b14b47dfab0e46f8c47b8270d7d40',
        bytes: 351_685_709,
      },
    ],
  },
  {
    ...towers,
    ...vision,
    name: 'clip-vitb16',
    about: 'ViT-B/16, the pictures of CLIP',
    oml: 'openai_vitb16_224',
    hub: { repo: 'Xenova/clip-vit-base-patch16', revision: 'c32d8e02b868e2fbb4d080d155161b06393fb0f2' },
    files: [
      {
        name: 'model.onnx',
        path: 'onnx/vision_model.onnx',
        sha256: 'b5170b47c0ecc667c9af5b42ed460c341377706d1466d177798c65fe49ea1e6b',
        bytes: 345_060_583,
      },
    ],
  },
  {
    ...towers,
    name: 'clip-vitb32-text',
    about: 'the texts of CLIP ViT-B/32, to search pictures by words',
    inputs: { input_ids: ['batch', 'tokens'] },
    spec: { modality: 'text', input: { tokenizer: 'tokenizer.json', 'max-length': 77 }, output: 'text_embeds' },
    hub: b32,
    files: [
      {
        name: 'model.onnx',
        path: 'onnx/text_model.onnx',
        sha256: '3f6571f5bad13a97c469c1622e1cfc4d9aef78b79fdbfcff804ca357bfada8cc',
        bytes: 254_058_553,
      },
      {
        name: 'tokenizer.json',
        path: 'tokenizer.json',
        sha256: 'f7f3b7af117d467b58374797691a6438d3e6b9e9cef800dfd5dced7f697a90cd',
        bytes: 2_224_119,
      },
    ],
  },
];
