const KINDS: readonly [start: string, kind: string][] = [
  ['PAR1', 'Parquet'],
  ['ARROW1', 'an Arrow file'],
  ['\xff\xff\xff\xff', 'an Arrow stream'],
  ['\x93NUMPY', 'npy'],
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['PK\x03\x04', 'zip'],
  ['OggS', 'Ogg'],
  ['version https://git-lfs', 'a Git LFS pointer, not the data (run git lfs pull)'],
];

/** Why the first bytes of a file are not what its name says: `it starts with "id,la"; is it CSV?`. */
export function startsWith(head: Uint8Array): string {
  const text = Buffer.from(head.subarray(0, 32)).toString('latin1');
  const known = KINDS.find(([start]) => text.startsWith(start));
  if (known) return `it looks like ${known[1]}`;
  if (/^[\x20-\x7e\s]+$/.test(text)) {
    const isCsv = /[,;\t]/.test(text) && !/^\s*[{[<]/.test(text);
    return `it starts with ${JSON.stringify(text.slice(0, 5))}${isCsv ? '; is it CSV?' : ''}`;
  }
  return `it starts with bytes ${Buffer.from(head.subarray(0, 4)).toString('hex')}`;
}
