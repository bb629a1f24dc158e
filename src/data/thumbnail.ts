import sharp, { type Sharp } from 'sharp';

/** A small picture that stands in a page itself. */
export interface Thumbnail {
  readonly uri: string;
  readonly width: number;
  readonly height: number;
}

/** At most `size` pixels a side, never enlarged; transparent pictures on white; PNG or WebP, whichever is shorter. The same picture gives the same bytes. */
export async function thumbnail(picture: Sharp, size: number): Promise<Thumbnail> {
  const small = picture
    .resize(size, size, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .toColourspace('srgb');
  const { data, info } = await small.raw().toBuffer({ resolveWithObject: true });
  const pixels = () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  const [png, webp] = await Promise.all([pixels().png({ compressionLevel: 9 }).toBuffer(), pixels().webp({ quality: 82 }).toBuffer()]);
  const [type, bytes] = png.length <= webp.length ? ['png', png] : ['webp', webp];
  return { uri: `data:image/${type};base64,${bytes.toString('base64')}`, width: info.width, height: info.height };
}
