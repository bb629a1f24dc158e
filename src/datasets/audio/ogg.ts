import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { decodeFlac } from './flac.js';
import { type AudioFormat, withDecoder } from './format.js';
import { checkPages, FIRST_PACKET, startsStream } from './ogg-pages.js';

/** Vorbis in Ogg (RFC 3533). */
export const vorbis: AudioFormat = {
  name: 'Ogg Vorbis',
  matches: (bytes) => startsStream(bytes, '\x01vorbis'),
  decode(bytes) {
    checkPages(bytes);
    return withDecoder(new OggVorbisDecoder(), (decoder) => decoder.decodeFile(bytes));
  },
};

/** Opus in Ogg (RFC 7845); it always comes out at 48 kHz. */
export const opus: AudioFormat = {
  name: 'Ogg Opus',
  matches: (bytes) => startsStream(bytes, 'OpusHead'),
  async decode(bytes) {
    const end = checkPages(bytes);
    const decoded = await withDecoder(new OggOpusDecoder(), (decoder) => decoder.decodeFile(bytes));
    // The decoder leaves the end as the encoder padded it where the sound is in one page.
    const length = end - bytes.readUInt16LE(FIRST_PACKET + PRE_SKIP);
    return { ...decoded, channelData: decoded.channelData.map((samples) => samples.subarray(0, Math.max(0, length))) };
  },
};

/** Where the first packet of Opus says how many samples are to be left out at the beginning. */
const PRE_SKIP = 10;

const OGG_FLAC = '\x7fFLAC';

/** FLAC in Ogg (RFC 9639, section 10.1). */
export const oggFlac: AudioFormat = {
  name: 'Ogg FLAC',
  matches: (bytes) => startsStream(bytes, OGG_FLAC),
  decode(bytes) {
    checkPages(bytes);
    // Its own mark is followed by a version and a number of headers, of 2 bytes each.
    return decodeFlac(bytes, FIRST_PACKET + OGG_FLAC.length + 4);
  },
};
