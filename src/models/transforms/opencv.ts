import { roundEven } from './geometry.js';
import { type Picture, pick } from './picture.js';

/** Weights of bilinear and bicubic interpolation are integers of 11 bits behind the point. */
const ONE = 1 << 11;

/**
 * Resizes as OpenCV's `cv2.resize` does (and with it albumentations): without antialiasing, except for `area`, the mean over what a new pixel covers.
 * Bilinear equals it bit by bit; bicubic and area differ by 1 in few pixels, where sums lie in the middle between two bytes.
 * Reference implementation: OpenCV, modules/imgproc/src/resize.cpp.
 */
export function resizeOpencv(
  picture: Picture,
  width: number,
  height: number,
  interpolation: 'nearest' | 'bilinear' | 'bicubic' | 'area',
): Picture {
  if (width === picture.width && height === picture.height) return picture;
  const [from, to] = [picture.width, picture.height];
  switch (interpolation) {
    case 'nearest':
      return pick(picture, nearest(from, width), nearest(to, height));
    case 'bilinear':
      return bilinear(picture, taps(from, width, 2, linearPlace), taps(to, height, 2, linearPlace));
    case 'bicubic':
      return weighted(picture, taps(from, width, 4, cubicPlace), taps(to, height, 4, cubicPlace), ONE * ONE, false);
    case 'area':
      // Where a side becomes larger there is nothing to take a mean of.
      return width <= from && height <= to
        ? weighted(picture, coverage(from, width), coverage(to, height), 1, from === 2 * width && to === 2 * height)
        : bilinear(picture, taps(from, width, 2, areaPlace), taps(to, height, 2, areaPlace));
  }
}

/** OpenCV's scale: the inverse of an inverse. */
function scaleOf(from: number, to: number): number {
  return 1 / (to / from);
}

function nearest(from: number, to: number): Int32Array {
  const scale = scaleOf(from, to);
  return Int32Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(i * scale)));
}

/** For each new pixel as many old ones, by their index, and their weights. */
interface Taps {
  readonly count: number;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** The index of the first of the old pixels, and the weights of all. */
type Place = (i: number, from: number, to: number) => readonly [first: number, weights: readonly number[]];

/** Old pixels beyond the edge are the one at the edge. */
function taps(from: number, to: number, count: number, place: Place): Taps {
  const indices = new Int32Array(to * count);
  const values = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const [first, weights] = place(i, from, to);
    for (let k = 0; k < count; k++) {
      indices[i * count + k] = Math.min(from - 1, Math.max(0, first + k));
      values[i * count + k] = roundEven(Math.fround(weights[k] * ONE));
    }
  }
  return { count, indices, values };
}

const linearPlace: Place = (i, from, to) => {
  const middle = Math.fround((i + 0.5) * scaleOf(from, to) - 0.5);
  const first = Math.floor(middle);
  const part = Math.fround(middle - first);
  return [first, [Math.fround(1 - part), part]];
};

const areaPlace: Place = (i, from, to) => {
  const first = Math.floor(i * scaleOf(from, to));
  const after = Math.fround(i + 1 - (first + 1) * (to / from));
  const part = after <= 0 ? 0 : Math.fround(after - Math.floor(after));
  return [first, [Math.fround(1 - part), part]];
};

/** Cubic convolution with a = -0.75, in float32. */
const cubicPlace: Place = (i, from, to) => {
  const f = Math.fround;
  const middle = f((i + 0.5) * scaleOf(from, to) - 0.5);
  const first = Math.floor(middle);
  const x = f(middle - first);
  const a = -0.75;
  const before = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  const near = ((a + 2) * x - (a + 3)) * x * x + 1;
  const next = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  return [first - 1, [f(before), f(near), f(next), f(1 - before - near - next)]];
};

/** How much of each old pixel a new one covers; `values` sum to 1. Runs are filled up with pixels of weight 0. */
function coverage(from: number, to: number): Taps {
  const scale = scaleOf(from, to);
  const count = Math.ceil(scale) + 1;
  const indices = new Int32Array(to * count);
  const values = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const [start, end] = [i * scale, Math.min(from, (i + 1) * scale)];
    const first = Math.floor(start);
    for (let k = 0; k < count; k++) {
      const covered = Math.min(end, first + k + 1) - Math.max(start, first + k);
      indices[i * count + k] = Math.min(from - 1, first + k);
      values[i * count + k] = Math.max(0, covered) / (end - start);
    }
  }
  return { count, indices, values };
}

/** Columns, then rows, in the fixed point of OpenCV: between them 4 bits are cut off, and 16 behind each of the two products. */
function bilinear(picture: Picture, columns: Taps, rows: Taps): Picture {
  const lines = linearColumns(picture, columns);
  const [width, height] = [columns.indices.length / 2, rows.indices.length / 2];
  const line = width * picture.channels;
  const out = new Uint8ClampedArray(height * line);
  for (let y = 0, at = 0; y < height; y++) {
    const [above, below] = [rows.indices[2 * y] * line, rows.indices[2 * y + 1] * line];
    const [a, b] = [rows.values[2 * y], rows.values[2 * y + 1]];
    for (let i = 0; i < line; i++) {
      out[at++] = ((Math.imul(a, lines[above + i]) >> 16) + (Math.imul(b, lines[below + i]) >> 16) + 2) >> 2;
    }
  }
  return { data: new Uint8Array(out.buffer), width, height, channels: picture.channels };
}

/** Sums of two along each line, the last 4 bits cut off. */
function linearColumns({ data, width, height, channels }: Picture, { indices, values }: Taps): Int32Array {
  const columns = indices.length / 2;
  const weights = Int32Array.from(values);
  const lines = new Int32Array(height * columns * channels);
  for (let y = 0, at = 0; y < height; y++) {
    const from = y * width;
    for (let x = 0; x < 2 * columns; x += 2) {
      const left = (from + indices[x]) * channels;
      const right = (from + indices[x + 1]) * channels;
      const a = weights[x];
      const b = weights[x + 1];
      for (let c = 0; c < channels; c++) lines[at++] = (Math.imul(a, data[left + c]) + Math.imul(b, data[right + c])) >> 4;
    }
  }
  return lines;
}

/**
 * Columns, then rows, rounded once.
 * @param unit what the products of weights sum to
 * @param halfUp how a value in the middle is rounded: OpenCV has a way of its own for halves of both sides
 */
function weighted(picture: Picture, columns: Taps, rows: Taps, unit: number, halfUp: boolean): Picture {
  const { lines, width, line } = acrossColumns(picture, columns);
  const { count, indices, values } = rows;
  const height = indices.length / count;
  const out = new Uint8ClampedArray(height * line);
  const sums = new Float64Array(line);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = y * count; k < (y + 1) * count; k++) {
      const from = indices[k] * line;
      const w = values[k];
      if (w !== 0) for (let i = 0; i < line; i++) sums[i] += w * lines[from + i];
    }
    // A clamped array rounds the middle to even.
    for (let i = 0; i < line; i++) out[y * line + i] = halfUp ? Math.floor(sums[i] / unit + 0.5) : sums[i] / unit;
  }
  return { data: new Uint8Array(out.buffer), width, height, channels: picture.channels };
}

/** Weighted sums along each line, not rounded. */
function acrossColumns({ data, width, height, channels }: Picture, { count, indices, values }: Taps) {
  const columns = indices.length / count;
  const line = columns * channels;
  const lines = new Float64Array(height * line);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = x * count; k < (x + 1) * count; k++) sum += values[k] * data[(y * width + indices[k]) * channels + c];
        lines[at++] = sum;
      }
    }
  }
  return { lines, width: columns, line };
}
