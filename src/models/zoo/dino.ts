import type { ZooModel } from './zoo-model.js';

const SIDE = 224;

/** The export gives every token after the last normalisation; the first of them is what OML's ViTExtractor takes. */
const firstToken = (transform: object) => ({
  modality: 'image',
  input: { transform: { ...transform, size: SIDE } },
  output: 'last_hidden_state',
  pooling: 'cls' as const,
});
const square = firstToken({ name: 'norm_resize_torch' });
const centre = firstToken({ name: 'norm_resize_hypvit_torch' });

const common = {
  kind: 'extractor' as const,
  inputs: { pixel_values: ['batch', 3, SIDE, SIDE] },
  licence: 'Apache-2.0',
};
const file = (facts: { sha256?: string; bytes?: number; megabytes?: number }) => [
  { name: 'model.onnx', path: 'onnx/model.onnx', ...facts },
];

/** Vision transformers trained without labels by Meta AI; exports by Xenova for Transformers.js. */
export const DINO: readonly ZooModel[] = [
  {
    ...common,
    name: 'dino-vits16',
    about: 'ViT-S/16 of DINO, trained on ImageNet without labels',
    spec: square,
    dim: 384,
    oml: 'vits16_dino',
    hub: { repo: 'Xenova/dino-vits16', revision: 'main' },
    files: file({ megabytes: 86.9 }),
  },
  {
    ...common,
    name: 'dino-vitb16',
    about: 'ViT-B/16 of DINO, trained on ImageNet without labels',
    spec: square,
    dim: 768,
    oml: 'vitb16_dino',
    hub: { repo: 'Xenova/dino-vitb16', revision: 'fe54825b8f237a1ad5734b4914e22be2abed5083' },
    files: file({ megabytes: 343 }),
  },
  {
    ...common,
    name: 'dinov2-vits14',
    about: 'ViT-S/14 of DINOv2',
    spec: centre,
    dim: 384,
    oml: 'vits14_dinov2',
    hub: { repo: 'Xenova/dinov2-small', revision: 'c2bb04a51fab207c420665f1946016107bffc701' },
    files: file({ sha256: '83141175ec78b4ff9a2bb58a4c7c264ba0054d1c2e122e5a8114b79a8d4179ea', bytes: 88_459_888 }),
  },
  {
    ...common,
    name: 'dinov2-vitb14',
    about: 'ViT-B/14 of DINOv2',
    spec: centre,
    dim: 768,
    oml: 'vitb14_dinov2',
    hub: { repo: 'Xenova/dinov2-base', revision: '31039eeb603df058f44c4e1cd25f6add34f48169' },
    files: file({ sha256: '2c7a813d6e0d25784d0c29227760b08cb72f2bee9d928da935a31480a649bbce', megabytes: 347 }),
  },
];
