import { firstLine, UserError } from '../../data/errors.js';
import { startsWith } from '../../io/sniff.js';
import { flac } from './flac.js';
import { type AudioFormat, type Decoded, mark } from './format.js';
import { mp3 } from './mp3.js';
import { oggFlac, opus, vorbis } from './ogg.js';
import { wav } from './wav.js';

/** The formats: a table of contents. */
const FORMATS: readonly AudioFormat[] = [wav, flac, vorbis, opus, oggFlac, mp3];

/** One channel of sound. */
export interface Sound {
  readonly samples: Float32Array;
  /** In Hz. */
  readonly rate: number;
}

/**
 * A file as mono, the mean of its channels. The format is told by its first bytes; an ID3 tag before them is skipped.
 * @throws UserError when it is no sound in a format that is known, damaged, not all there, without samples, or holds what is no number
 */
export async function decode(bytes: Buffer): Promise<Sound> {
  const content = bytes.subarray(id3Length(bytes));
  const format = FORMATS.find(({ matches }) => matches(content));
  if (!format) {
    const names = FORMATS.map(({ name }) => name).join(', ');
    throw new UserError(`no sound in a format that is known (${names}): ${startsWith(content.subarray(0, 32))}`);
  }
  const decoded = await decodeWith(format, content);
  const { channelData, sampleRate } = decoded;
  if (!(sampleRate > 0) || !channelData[0]?.length) throw new UserError(`${format.name} without samples`);
  return { samples: mono(channelData), rate: sampleRate };
}

async function decodeWith(format: AudioFormat, content: Buffer): Promise<Decoded> {
  let decoded: Decoded;
  try {
    decoded = await format.decode(content);
  } catch (error) {
    throw new UserError(`${format.name} that cannot be decoded: ${firstLine(error)}`);
  }
  const [problem] = decoded.errors ?? [];
  if (problem) throw new UserError(`${format.name} that cannot be decoded: damaged (${problem.message})`);
  return decoded;
}

/** Bytes of the ID3v2 tag (https://id3.org/id3v2.4.0-structure) that a file begins with. */
function id3Length(bytes: Buffer): number {
  if (mark(bytes, 0, 3) !== 'ID3' || bytes.length < 10) return 0;
  const footer = bytes[5] & 16 ? 10 : 0;
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => size * 128 + byte, 0) + footer;
}

/** The mean of the channels, in float64 and rounded once. */
function mono(channels: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(channels[0].length);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i];
    out[i] = sum / channels.length;
    if (!Number.isFinite(out[i])) throw new UserError(`sample ${i} is ${out[i]}`);
  }
  return out;
}
