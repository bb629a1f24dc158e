import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Picture } from '../../../src/models/transforms/index.js';

/** What another library makes of one of the generated pictures; see tests/fixtures/transforms/make-transforms.py. */
export interface ReferenceCase {
  readonly reference: 'Pillow' | 'OpenCV' | 'torchvision' | 'albumentations' | 'OML';
  readonly picture: string;
  readonly transform: unknown;
  readonly shape: readonly number[];
  /** uint8 before to-tensor, else the tensor. */
  readonly type: 'uint8' | 'float32';
  /** Each so-manieth value is kept. */
  readonly every: number;
  readonly data: string;
}

interface Fixture {
  readonly versions: Readonly<Record<string, string>>;
  /** Files, base64. */
  readonly pictures: Readonly<Record<string, string>>;
  /** The picture `alpha` as RGB, [24, 31, 3]: without its alpha channel, and on white. */
  readonly backgrounds: Readonly<Record<string, string>>;
  /** Files of CMYK, and what they are as RGB, [12, 17, 3]. */
  readonly prints: Readonly<Record<string, { readonly file: string; readonly rgb: string }>>;
  readonly cases: readonly ReferenceCase[];
}

export const REFERENCE: Fixture = JSON.parse(readFileSync(new URL('../../fixtures/transforms/transforms.json', import.meta.url), 'utf8'));

export function fileOf(name: string): Buffer {
  return Buffer.from(REFERENCE.pictures[name], 'base64');
}

export async function pictureOf(name: string): Promise<Picture> {
  const { data, info } = await sharp(fileOf(name)).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** The values that are kept of a case, as a tensor has them. */
export function expected({ type, data }: ReferenceCase): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return type === 'uint8' ? Float32Array.from(bytes, (value) => value / 255) : new Float32Array(bytes.buffer);
}
