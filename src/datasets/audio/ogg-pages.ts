import { mark } from './format.js';

/** Bytes of the head of a page, without the lengths of its segments. */
const HEAD = 27;

/** Where the first packet of a stream begins: it is alone on its page, in one segment. */
export const FIRST_PACKET = HEAD + 1;

/** Flag of the last page. */
const LAST = 4;

/** Whether the first packet is the one that a codec begins with. */
export function startsStream(bytes: Buffer, codec: string): boolean {
  return mark(bytes, 0, 4) === 'OggS' && mark(bytes, FIRST_PACKET, codec.length) === codec;
}

/**
 * The decoders skip pages that are damaged, and do not know when some are missing.
 * @returns where the last page says that the stream ends, in samples
 * @throws Error unless the file is the pages of one stream from the first to the last, with right checksums
 */
export function checkPages(bytes: Buffer): number {
  const serial = bytes.readUInt32LE(14);
  let last = false;
  let granule = 0n;
  for (let at = 0, page = 0; at < bytes.length; page++) {
    if (last || at + HEAD > bytes.length || mark(bytes, at, 4) !== 'OggS') throw new Error(damage(bytes, at, last));
    const body = at + HEAD + bytes[at + 26];
    const end = bytes.subarray(at + HEAD, body).reduce((sum, segment) => sum + segment, body);
    if (end > bytes.length) throw new Error(`truncated or damaged in page ${page}`);
    if (checksum(bytes.subarray(at, end)) !== bytes.readUInt32LE(at + 22)) throw new Error(`damaged in page ${page}`);
    if (bytes.readUInt32LE(at + 14) !== serial) throw new Error('it holds several streams; give a file of one');
    if (bytes.readUInt32LE(at + 18) !== page) throw new Error(`damaged: page ${page} is missing`);
    last = (bytes[at + 5] & LAST) !== 0;
    granule = bytes.readBigInt64LE(at + 6);
    at = end;
  }
  if (!last) throw new Error('truncated: its last page is missing');
  return Number(granule);
}

function damage(bytes: Buffer, at: number, last: boolean): string {
  if (last) return 'it goes on behind its last page; give a file of one stream';
  return at + HEAD > bytes.length ? 'truncated in the head of a page' : `damaged at byte ${at}`;
}

/** CRC-32 with the polynomial 0x04c11db7, not reflected, over a page whose own checksum counts as 0. */
function checksum(page: Buffer): number {
  let crc = 0;
  page.forEach((byte, i) => {
    crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ (i >= 22 && i < 26 ? 0 : byte)];
  });
  return crc >>> 0;
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});
