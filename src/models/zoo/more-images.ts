import type { ZooModel } from './zoo-model.js';

const SIDE = 224;
const common = { kind: 'extractor' as const, licence: 'Apache-2.0' };
/** OML gives them at length 1, whether the graph does or not. */
const unicom = { modality: 'image', input: { transform: { name: 'unicom_transforms', size: SIDE } }, normalise: true };

/** Exports by Qdrant for FastEmbed. */
export const MORE_IMAGES: readonly ZooModel[] = [
  {
    ...common,
    name: 'resnet50',
    about: 'ResNet-50 without its classifier, trained on ImageNet',
    inputs: { input: ['batch', 3, SIDE, SIDE] },
    spec: { modality: 'image', input: { transform: { name: 'norm_resize_hypvit_torch', size: 256, crop: SIDE } } },
    dim: 2048,
    note: 'not the weights of resnet50_imagenet1k_v1 in OML, which are those of torchvision',
    hub: { repo: 'Qdrant/resnet50-onnx', revision: 'main' },
    files: [
      {
        name: 'model.onnx',
        path: 'model.onnx',
        sha256: '4f0558b775c85b568012f7174cadda33fb4b4e5a253ce17e5d839f123e0bc7e6',
        megabytes: 94,
      },
    ],
  },
  {
    ...common,
    name: 'unicom-vitb32',
    about: 'ViT-B/32 of Unicom',
    inputs: { input: ['batch', 3, SIDE, SIDE] },
    spec: unicom,
    dim: 512,
    oml: 'vitb32_unicom',
    hub: { repo: 'Qdrant/Unicom-ViT-B-32', revision: '92673de42af1f0e3fd7a681b3edd3fc6dc59038e' },
    files: [
      {
        name: 'model.onnx',
        path: 'model.onnx',
        sha256: '15ed6fdb6c3e027e0c838ec02498615e16b3d0933748671da98c184664b0f05b',
        bytes: 467_015_701,
      },
    ],
  },
  {
    ...common,
    name: 'unicom-vitb16',
    about: 'ViT-B/16 of Unicom',
    inputs: { input: ['batch', 3, SIDE, SIDE] },
    spec: unicom,
    dim: 768,
    oml: 'vitb16_unicom',
    hub: { repo: 'Qdrant/Unicom-ViT-B-16', revision: 'cacea76d950eb0af00e334e8f014154ed3f3f4a3' },
    files: [
      {
        name: 'model.onnx',
        path: 'model.onnx',
        sha256: '1d48cab9cb433893e57ec986bba31008a0b5e7554a8240b37025b02bc6e2849e',
        bytes: 807_996_442,
      },
    ],
  },
];
