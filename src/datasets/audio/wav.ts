import decodeWav from '@audio/decode-wav';
import { type AudioFormat, mark, unstretch } from './format.js';

const PCM = 1;
const EXTENSIBLE = 0xfffe;

/** WAV as Microsoft describes it (RIFF; PCM of 8 to 32 bits, float, A-law, µ-law, ADPCM). */
export const wav: AudioFormat = {
  name: 'WAV',
  matches: (bytes) => mark(bytes, 0, 4) === 'RIFF' && mark(bytes, 8, 4) === 'WAVE',
  decode(bytes) {
    const { format, data } = chunksOf(bytes);
    // Only what matters is decoded: the decoder does not know that chunks are padded to an even length.
    const decoded = decodeWav(joined(bytes.subarray(0, 12), format, data));
    const tag = format.readUInt16LE(8);
    const [kind, bits] = [tag === EXTENSIBLE ? format.readUInt16LE(32) : tag, format.readUInt16LE(22)];
    if (kind === PCM) for (const samples of decoded.channelData) unstretch(samples, bits, 2 ** (bits - 1));
    return decoded;
  },
};

/** As an array that is no Buffer, whose slices would share its memory: the decoder takes them for copies, which are aligned. */
function joined(...parts: readonly Buffer[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** The chunks that describe and hold the samples, with their heads. */
function chunksOf(bytes: Buffer): { format: Buffer; data: Buffer } {
  let format: Buffer | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [kind, size] = [mark(bytes, at, 4), bytes.readUInt32LE(at + 4)];
    const chunk = bytes.subarray(at, at + 8 + size);
    if (kind === 'data') {
      if (!format) throw new Error('its samples come before their format');
      // What was written to a pipe does not know its length.
      if (chunk.length < 8 + size && size !== 0xffffffff) {
        throw new Error(`truncated: ${chunk.length - 8} of ${size} bytes of samples are there`);
      }
      return { format, data: chunk };
    }
    if (kind === 'fmt ') {
      if (chunk.length < 24 || (chunk.readUInt16LE(8) === EXTENSIBLE && chunk.length < 48)) throw new Error('truncated in its header');
      format = chunk;
    }
    at += 8 + size + (size % 2);
  }
  throw new Error('it has no samples');
}
