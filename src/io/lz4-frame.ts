const MAGIC = 0x184d2204;
const [BLOCK_CHECKSUM, CONTENT_SIZE, DICTIONARY] = [0x10, 0x08, 0x01];

/** A block of a frame: where its data stand, and whether they are compressed. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly compressed: boolean;
}

/**
 * Decompresses an LZ4 frame (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Ours, because lz4js misreads frames with checksums of
 * blocks, which polars writes. Checksums are not verified.
 * @throws Error for data that are no LZ4 frame, or damaged
 */
export function decompressLz4(frame: Uint8Array): Uint8Array {
  const blocks = blocksOf(frame);
  const size = blocks.reduce((sum, block) => sum + (block.compressed ? sizeOf(frame, block) : block.end - block.start), 0);
  const out = new Uint8Array(size);
  let at = 0;
  for (const block of blocks) {
    if (block.compressed) at = expand(frame, block, out, at);
    else {
      out.set(frame.subarray(block.start, block.end), at);
      at += block.end - block.start;
    }
  }
  return out;
}

function blocksOf(frame: Uint8Array): Block[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new Error('not an LZ4 frame');
  const flags = frame[4];
  if (flags >> 6 !== 1 || flags & DICTIONARY) throw new Error('an LZ4 frame of a kind that is not supported');
  const blocks: Block[] = [];
  let at = flags & CONTENT_SIZE ? 15 : 7;
  for (;;) {
    const word = view.getUint32(at, true);
    if (word === 0) return blocks;
    const start = at + 4;
    const end = start + (word & 0x7fffffff);
    if (end > frame.length) throw new Error('an LZ4 block is cut off');
    blocks.push({ start, end, compressed: word < 0x80000000 });
    at = flags & BLOCK_CHECKSUM ? end + 4 : end;
  }
}

/** Lengths of 15 and more go on in bytes, the last of which is not 255. */
function longer(data: Uint8Array, at: number): { more: number; at: number } {
  let more = 0;
  let byte = 255;
  while (byte === 255) {
    byte = data[at++] ?? 0;
    more += byte;
  }
  return { more, at };
}

/** Size of a block once decompressed: its sequences are walked without copying. */
function sizeOf(data: Uint8Array, { start, end }: Block): number {
  let size = 0;
  let at = start;
  while (at < end) {
    const token = data[at++];
    let literals = token >> 4;
    if (literals === 15) {
      const extended = longer(data, at);
      literals += extended.more;
      at = extended.at;
    }
    size += literals;
    at += literals;
    if (at >= end) break;
    at += 2;
    let match = (token & 15) + 4;
    if (match === 19) {
      const extended = longer(data, at);
      match += extended.more;
      at = extended.at;
    }
    size += match;
  }
  return size;
}

/** Decompresses a block into `out` from `to` on; matches may reach back into earlier blocks. Returns the end. */
function expand(data: Uint8Array, { start, end }: Block, out: Uint8Array, to: number): number {
  let at = start;
  while (at < end) {
    const token = data[at++];
    let literals = token >> 4;
    if (literals === 15) {
      const extended = longer(data, at);
      literals += extended.more;
      at = extended.at;
    }
    if (at + literals > end) throw new Error('damaged LZ4 data');
    // A copy of a few bytes is faster by hand than by a call.
    if (literals > 32) out.set(data.subarray(at, at + literals), to);
    else for (let i = 0; i < literals; i++) out[to + i] = data[at + i];
    at += literals;
    to += literals;
    if (at >= end) break;
    const distance = data[at] | (data[at + 1] << 8);
    at += 2;
    let match = (token & 15) + 4;
    if (match === 19) {
      const extended = longer(data, at);
      match += extended.more;
      at = extended.at;
    }
    if (distance === 0 || distance > to) throw new Error('damaged LZ4 data');
    // A match may overlap what it writes: byte by byte, then.
    if (distance >= match && match > 32) out.copyWithin(to, to - distance, to - distance + match);
    else for (let i = 0; i < match; i++) out[to + i] = out[to - distance + i];
    to += match;
  }
  return to;
}
