import { type Constant, type Node, onnxModel } from '../src/runtime/onnx-graph.js';
import { Random } from './random.js';

/** Blocks of each stage, and the channels inside them; a block gives four times as many. */
const STAGES = [
  { blocks: 3, width: 64 },
  { blocks: 4, width: 128 },
  { blocks: 6, width: 256 },
  { blocks: 3, width: 512 },
];
/** What is added to a block's input is this small, so that values stay in range through all blocks. */
const BRANCH = 0.2;

interface Convolution {
  readonly from: string;
  readonly to: string;
  readonly channels: readonly [input: number, output: number];
  readonly kernel: number;
  readonly stride?: number;
  readonly gain?: number;
}

/**
 * The layers of ResNet-50 without its classifier, with random weights: `image` float32 [batch, 3, height, width] to `embedding` [batch, 2048]. Batch
 * normalisation is part of the convolutions, as exporters write it. (He et al. 2015, Deep Residual Learning for Image Recognition; strides as in torchvision.)
 */
export function resnet50(seed: number): Uint8Array {
  const random = new Random(seed);
  const nodes: Node[] = [];
  const constants: Constant[] = [];

  function convolve({ from, to, channels: [input, output], kernel, stride = 1, gain = 1 }: Convolution): string {
    const fan = input * kernel ** 2;
    const range = gain * Math.sqrt(6 / fan);
    const weights = Float32Array.from({ length: output * fan }, () => range * (2 * random.uniform() - 1));
    constants.push({ name: `${to}.weight`, values: weights, dims: [output, input, kernel, kernel] });
    constants.push({ name: `${to}.bias`, values: Float32Array.from({ length: output }, () => 0.1 * random.uniform()) });
    const pad = (kernel - 1) / 2;
    const attributes = { strides: [stride, stride], pads: [pad, pad, pad, pad] };
    nodes.push({ type: 'Conv', inputs: [from, `${to}.weight`, `${to}.bias`], outputs: [to], attributes });
    return to;
  }
  function then(type: string, inputs: readonly string[], output: string, attributes: Node['attributes'] = {}): string {
    nodes.push({ type, inputs, outputs: [output], attributes });
    return output;
  }

  const stem = then('Relu', [convolve({ from: 'image', to: 'stem', channels: [3, 64], kernel: 7, stride: 2 })], 'stem.relu');
  let last = then('MaxPool', [stem], 'stem.pool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const [s, { blocks, width }] of STAGES.entries()) {
    for (let b = 0; b < blocks; b++) {
      const name = `stage${s}.block${b}`;
      const out = 4 * width;
      const stride = s > 0 && b === 0 ? 2 : 1;
      const narrow = then('Relu', [convolve({ from: last, to: `${name}.1`, channels: [channels, width], kernel: 1 })], `${name}.1.relu`);
      const middle = convolve({ from: narrow, to: `${name}.2`, channels: [width, width], kernel: 3, stride });
      const relu = then('Relu', [middle], `${name}.2.relu`);
      const wide = convolve({ from: relu, to: `${name}.3`, channels: [width, out], kernel: 1, gain: BRANCH });
      const shortcut = b > 0 ? last : convolve({ from: last, to: `${name}.shortcut`, channels: [channels, out], kernel: 1, stride });
      last = then('Relu', [then('Add', [wide, shortcut], `${name}.sum`)], name);
      channels = out;
    }
  }
  constants.push({ name: 'flat', values: BigInt64Array.of(0n, BigInt(channels)) });
  then('Reshape', [then('GlobalAveragePool', [last], 'mean'), 'flat'], 'embedding');
  return onnxModel({
    nodes,
    constants,
    inputs: [{ name: 'image', type: 'float32', dims: ['batch', 3, 'height', 'width'] }],
    outputs: [{ name: 'embedding', type: 'float32', dims: ['batch', channels] }],
  });
}
