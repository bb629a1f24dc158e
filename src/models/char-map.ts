const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/** A longer sequence of bytes is looked up character by character. */
const LONGEST = 5;

/**
 * The character map of a SentencePiece model (`precompiled_charsmap`), applied as `tokenizers` does: grapheme by grapheme, those of more than 5 bytes and those
 * that are not found character by character, and by the shortest prefix that the map has.
 *
 * The map is the size of a trie in bytes (uint32, little-endian), the trie, and the replacements as UTF-8, each ended by a 0. The trie is a double array as
 * Darts-clone writes it (https://github.com/s-yata/darts-clone), whose values are places among the replacements.
 * @param encoded base64
 */
export function charMap(encoded: string): (text: string) => string {
  const bytes = Buffer.from(encoded, 'base64');
  const size = bytes.readUInt32LE(0);
  const trie = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const replacements = bytes.subarray(4 + size);

  const replacement = (key: Uint8Array): string | undefined => {
    let at = offsetOf(trie[0]);
    for (const byte of key) {
      at ^= byte;
      const unit = trie[at];
      if (labelOf(unit) !== byte) return undefined;
      at ^= offsetOf(unit);
      if (hasLeaf(unit)) {
        const start = leafOf(trie[at]);
        return decoder.decode(replacements.subarray(start, replacements.indexOf(0, start)));
      }
    }
    return undefined;
  };
  const mapped = (part: string) => {
    const key = encoder.encode(part);
    return key.length <= LONGEST ? replacement(key) : undefined;
  };
  return (text) =>
    Array.from(graphemes.segment(text), ({ segment }) => mapped(segment) ?? Array.from(segment, (one) => mapped(one) ?? one).join('')).join(
      '',
    );
}

// The parts of a unit of the double array.
const hasLeaf = (unit: number) => ((unit >>> 8) & 1) === 1;
const leafOf = (unit: number) => unit & 0x7fffffff;
const labelOf = (unit: number) => (unit & 0x800000ff) >>> 0;
const offsetOf = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
