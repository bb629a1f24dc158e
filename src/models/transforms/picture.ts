/** A picture in memory: bytes, row by row, the channels of a pixel side by side. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1 (gray) or 3. */
  readonly channels: number;
}

/** A value for each channel of an empty picture of this size. */
export function filled(width: number, height: number, value: readonly number[]): Picture {
  const data = new Uint8Array(width * height * value.length);
  if (value.every((v) => v === value[0])) data.fill(value[0]);
  else for (let i = 0; i < data.length; i++) data[i] = value[i % value.length];
  return { data, width, height, channels: value.length };
}

/** Copies a part of one picture into another of as many channels. */
export function blit(
  from: Picture,
  [left, top, width, height]: readonly [left: number, top: number, width: number, height: number],
  to: Picture,
  [x, y]: readonly [x: number, y: number],
): void {
  const { channels } = from;
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * from.width + left) * channels;
    to.data.set(from.data.subarray(start, start + width * channels), ((y + row) * to.width + x) * channels);
  }
}

/** Gray by the luma of ITU-R BT.601 in fixed point, as Pillow's `convert('L')`. */
export function toGray({ data, width, height, channels }: Picture): Picture {
  if (channels === 1) return { data, width, height, channels };
  const gray = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < gray.length; i++, p += 3) {
    gray[i] = (data[p] * 19595 + data[p + 1] * 38470 + data[p + 2] * 7471 + 0x8000) >>> 16;
  }
  return { data: gray, width, height, channels: 1 };
}

/** Three channels; gray is repeated. */
export function toColour({ data, width, height, channels }: Picture): Picture {
  if (channels === 3) return { data, width, height, channels };
  const colour = new Uint8Array(3 * width * height);
  for (let i = 0; i < colour.length; i++) colour[i] = data[(i / 3) | 0];
  return { data: colour, width, height, channels: 3 };
}

/** Takes columns and rows. */
export function pick({ data, width, channels }: Picture, columns: ArrayLike<number>, rows: ArrayLike<number>): Picture {
  const out = new Uint8Array(columns.length * rows.length * channels);
  for (let y = 0, at = 0; y < rows.length; y++) {
    for (let x = 0; x < columns.length; x++) {
      const from = (rows[y] * width + columns[x]) * channels;
      for (let c = 0; c < channels; c++) out[at++] = data[from + c];
    }
  }
  return { data: out, width: columns.length, height: rows.length, channels };
}
