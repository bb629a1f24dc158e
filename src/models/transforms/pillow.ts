import { type Picture, pick } from './picture.js';
import { acrossColumns, acrossRows, WEIGHT_BITS, Weights } from './resample.js';

interface Kernel {
  /** The kernel is zero beyond this distance. */
  readonly support: number;
  weight(x: number): number;
}

const KERNELS: Readonly<Record<'bilinear' | 'bicubic' | 'area', Kernel>> = {
  area: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: keys },
};

/** The cubic convolution kernel with a = -0.5. (Keys 1981, Cubic convolution interpolation for digital image processing.) */
function keys(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

/**
 * Resizes as Pillow's `Image.resize` does (and with it torchvision's `Resize` of a PIL image), bit by bit: when a picture becomes smaller the kernel is
 * as much wider (antialiasing); columns first, then rows, with bytes between them.
 * Reference implementation: Pillow, src/libImaging/Resample.c; for `nearest`: src/libImaging/Geometry.c.
 */
export function resizePillow(picture: Picture, width: number, height: number, interpolation: keyof typeof KERNELS | 'nearest'): Picture {
  if (width === picture.width && height === picture.height) return picture;
  if (interpolation === 'nearest') return pick(picture, nearest(picture.width, width), nearest(picture.height, height));
  const kernel = KERNELS[interpolation];
  const wide = width === picture.width ? picture : acrossColumns(picture, weights(picture.width, width, kernel));
  return height === picture.height ? wide : acrossRows(wide, weights(picture.height, height, kernel));
}

/** Where each new pixel is taken from: the place of its middle, added up as Pillow does. */
function nearest(from: number, to: number): Int32Array {
  const step = from / to;
  let place = step * 0.5;
  return Int32Array.from({ length: to }, () => {
    const at = Math.min(from - 1, Math.trunc(place));
    place += step;
    return at;
  });
}

function weights(from: number, to: number, { support, weight }: Kernel): Weights {
  const scale = from / to;
  const widened = Math.max(scale, 1);
  const reach = support * widened;
  const most = Math.ceil(reach) * 2 + 1;
  const made = new Weights(to, most);
  const row = new Float64Array(most);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(from, Math.trunc(centre + reach + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      row[k] = weight((k + start - centre + 0.5) * (1 / widened));
      sum += row[k];
    }
    for (let k = 0; k < count; k++) {
      const exact = (sum === 0 ? row[k] : row[k] / sum) * 2 ** WEIGHT_BITS;
      made.values[i * most + k] = Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5);
    }
    made.starts[i] = start;
    made.counts[i] = count;
  }
  return made;
}
