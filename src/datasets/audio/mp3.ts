import { MPEGDecoder } from 'mpg123-decoder';
import { type AudioFormat, mark, withDecoder } from './format.js';

/** MPEG audio layer III (ISO 11172-3 and 13818-3). What the encoder put before and behind the sound is left out where the file says how much that is. */
export const mp3: AudioFormat = {
  name: 'MP3',
  matches: (bytes) => frameAt(bytes, 0) !== undefined,
  decode(bytes) {
    const end = checkFrames(bytes);
    return withDecoder(new MPEGDecoder(), (decoder) => decoder.decode(bytes.subarray(0, end)));
  },
};

/** kbit/s by the index in the head of a frame, from 1 on. */
const BITRATES = {
  1: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const RATES = [44_100, 48_000, 32_000];
/** What may stand behind the last frame. */
const TAGS = ['TAG', 'APETAGEX', 'LYRICSBEGIN', 'ID3', '\0'];

interface Frame {
  /** Bytes. */
  readonly length: number;
  /** Where a Xing or Info header would be, in the frame. */
  readonly info: number;
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (at + 4 > bytes.length) return undefined;
  const head = bytes.readUInt32BE(at);
  const [version, layer, bitrate, rate] = [(head >>> 19) & 3, (head >>> 17) & 3, (head >>> 12) & 15, (head >>> 10) & 3];
  // Version 1 is reserved; layer 1 is III; no bitrate is the free format.
  if (head >>> 21 !== 0x7ff || version === 1 || layer !== 1 || bitrate === 0 || bitrate === 15 || rate === 3) return undefined;
  const mpeg1 = version === 3;
  const hertz = RATES[rate] / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const bits = BITRATES[mpeg1 ? 1 : 2][bitrate - 1] * 1000;
  const mono = ((head >>> 6) & 3) === 3;
  const side = mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17;
  return { length: Math.floor(((mpeg1 ? 144 : 72) * bits) / hertz) + ((head >>> 9) & 1), info: 4 + side };
}

/**
 * The decoder skips what it does not understand, and does not know when frames are missing.
 * @returns the end of the last frame
 * @throws Error unless the file is frames one behind another, as many as it says where it does
 */
function checkFrames(bytes: Buffer): number {
  let at = 0;
  let frames = 0;
  for (; at < bytes.length && !TAGS.some((tag) => mark(bytes, at, tag.length) === tag); frames++) {
    const frame = frameAt(bytes, at);
    if (!frame && at + 4 <= bytes.length) throw new Error(`damaged at byte ${at}`);
    if (!frame || at + frame.length > bytes.length) throw new Error(`truncated in frame ${frames}`);
    at += frame.length;
  }
  const said = framesSaid(bytes);
  if (said !== undefined && frames - 1 < said) throw new Error(`truncated: ${frames - 1} of ${said} frames are there`);
  return at;
}

/** How many frames follow the first one, where that is a header of Xing's or LAME's that says so. */
function framesSaid(bytes: Buffer): number | undefined {
  const at = (frameAt(bytes, 0) as Frame).info;
  if (!['Xing', 'Info'].includes(mark(bytes, at, 4)) || at + 12 > bytes.length) return undefined;
  return bytes.readUInt32BE(at + 4) & 1 ? bytes.readUInt32BE(at + 8) : undefined;
}
