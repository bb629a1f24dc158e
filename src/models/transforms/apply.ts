import { toFloat16 } from '../float16.js';
import { paddedSides, resizedSides, roundEven, type Sides, sidesOf } from './geometry.js';
import { resizeOpencv } from './opencv.js';
import { blit, filled, type Picture, toColour, toGray } from './picture.js';
import { resizePillow } from './pillow.js';
import { channelsOf, type Step, type Transform } from './steps.js';

/** A picture as a model takes it. */
export interface PictureTensor {
  /** Half precision is in a Uint16Array. */
  readonly data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** [channels, height, width] */
  readonly shape: readonly [channels: number, height: number, width: number];
}

/**
 * Makes the tensor of a picture, channel by channel: the steps on bytes, then (v / 255 - mean) / std, computed in double precision and rounded once.
 * @param picture gray, or RGB
 */
export function applyTransform(steps: Transform, picture: Picture, type: 'float32' | 'float16'): PictureTensor {
  let made = picture;
  for (const step of steps) made = applyStep(step, made);
  return planes(made, steps, type);
}

function applyStep(step: Step, picture: Picture): Picture {
  if ('resize' in step) {
    const { interpolation, antialias } = step.resize;
    const [height, width] = resizedSides(step.resize, [picture.height, picture.width]);
    return (antialias ? resizePillow : resizeOpencv)(picture, width, height, interpolation);
  }
  if ('center-crop' in step) return cropped(picture, sidesOf(step['center-crop'].size));
  if ('pad' in step) {
    const { size, value } = step.pad;
    return padded(picture, paddedSides(size, [picture.height, picture.width]), value);
  }
  // Channels change places when the tensor is made: until then every picture that is not gray is RGB.
  return 'channels' in step && step.channels === 'gray' ? toGray(picture) : picture;
}

/** torchvision's CenterCrop. */
function cropped(picture: Picture, [height, width]: Sides): Picture {
  const whole = padded(picture, [Math.max(height, picture.height), Math.max(width, picture.width)], 0);
  if (whole.width === width && whole.height === height) return whole;
  const out = filled(width, height, new Array<number>(whole.channels).fill(0));
  blit(whole, [roundEven((whole.width - width) / 2), roundEven((whole.height - height) / 2), width, height], out, [0, 0]);
  return out;
}

/** The picture in the middle; one pixel more right and below where it cannot be. */
function padded(picture: Picture, [height, width]: Sides, value: number | readonly number[]): Picture {
  if (height === picture.height && width === picture.width) return picture;
  const coloured = typeof value === 'number' ? picture : toColour(picture);
  const out = filled(width, height, typeof value === 'number' ? new Array<number>(coloured.channels).fill(value) : value);
  const place = [Math.trunc((width - picture.width) / 2), Math.trunc((height - picture.height) / 2)] as const;
  blit(coloured, [0, 0, picture.width, picture.height], out, place);
  return out;
}

function planes({ data, width, height, channels: stored }: Picture, steps: Transform, type: 'float32' | 'float16'): PictureTensor {
  const channels = channelsOf(steps);
  const plane = width * height;
  const bgr = steps.some((step) => 'channels' in step && step.channels === 'bgr');
  const values = new (type === 'float16' ? Uint16Array : Float32Array)(channels * plane);
  for (let c = 0; c < channels; c++) {
    const table = valuesOf(steps, c, type);
    // A gray picture is the same in each channel.
    const from = stored === 1 ? 0 : bgr ? 2 - c : c;
    for (let i = 0, p = from; i < plane; i++, p += stored) values[c * plane + i] = table[data[p]];
  }
  return { data: values, shape: [channels, height, width] };
}

/** What each byte becomes in a channel. */
function valuesOf(steps: Transform, channel: number, type: 'float32' | 'float16'): Float32Array | Uint16Array {
  const last = steps.at(-1);
  const { mean, std } = last && 'normalise' in last ? last.normalise : { mean: 0, std: 1 };
  const [m, s] = [mean, std].map((given) => (typeof given === 'number' ? given : given[channel]));
  // Without a negative zero.
  const table = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / s + 0);
  return type === 'float16' ? toFloat16(table) : table;
}
