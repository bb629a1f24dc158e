import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { type AudioFormat, type Decoded, mark, unstretch, withDecoder } from './format.js';

/** FLAC (RFC 9639). */
export const flac: AudioFormat = {
  name: 'FLAC',
  matches: (bytes) => mark(bytes, 0, 4) === 'fLaC',
  decode: (bytes) => decodeFlac(bytes, 0),
};

/** @param start where the stream's own head is, `fLaC` and STREAMINFO */
export async function decodeFlac(bytes: Buffer, start: number): Promise<Decoded> {
  // STREAMINFO ends in a checksum of 16 bytes; the number of samples has 36 bits before it; 0 is unknown.
  if (bytes.length < start + 42) throw new Error('truncated in its header');
  const samples = (bytes[start + 21] & 15) * 2 ** 32 + bytes.readUInt32BE(start + 22);
  const decoded = await withDecoder(new FLACDecoder(), (decoder) => decoder.decodeFile(bytes));
  if (samples > 0 && decoded.samplesDecoded !== samples) {
    throw new Error(`truncated or damaged: ${decoded.samplesDecoded} of ${samples} samples can be decoded`);
  }
  for (const channel of decoded.channelData) unstretch(channel, decoded.bitDepth, 2 ** (decoded.bitDepth - 1) - 1);
  return decoded;
}
