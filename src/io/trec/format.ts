import { isUtf8 } from 'node:buffer';
import { UserError } from '../../data/errors.js';
import type { IdTable } from '../../data/id-table.js';
import type { QueryLists } from '../../data/query-lists.js';
import { startsWith } from '../sniff.js';
import type { BlockReader } from './block-reader.js';
import { Entries } from './entries.js';
import type { Kind } from './kind.js';
import { lineBlocks } from './line-blocks.js';
import { BEIR, beirJsonLines, beirTsv } from './lines-beir.js';
import { trecLines } from './lines-trec.js';
import { nestedJson } from './nested-json.js';

/**
 * The formats by the first line that is not blank; all that starts otherwise is TREC's. An object of JSON lines stands in one line, and its first
 * value is no object.
 */
const FORMATS: readonly [start: RegExp, format: (kind: Kind, entries: Entries) => BlockReader][] = [
  [/^\s*\{[ \t]*"(?:[^"\\]|\\.)*"[ \t]*:[ \t]*[^\s{]/, beirJsonLines],
  [/^\s*\{/, nestedJson],
  [new RegExp(`^\\s*${BEIR.join('\t')}\\s*\n`), beirTsv],
];
const BOM = [0xef, 0xbb, 0xbf];
const LF = 10;

export interface ListOptions {
  /** Bytes to read at a time (default 1 MiB). What comes out does not depend on it. */
  readonly chunkBytes?: number;
  /** Documents of other files, to which those of this one are added: the same document then has the same row in all of them. */
  readonly documents?: IdTable;
}

/**
 * Reads a run or qrels of any format into lists by query. The format shows in the file's first bytes, and so does gzip, whatever the name says; a
 * byte order mark is passed over; `-` is stdin.
 * @throws UserError naming file and line for what is not of the format, a number that is none, bytes that are not UTF-8, a document that stands
 * twice for one query, and for a file without lines
 */
export async function readLists(
  path: string,
  kind: Kind,
  { chunkBytes, documents }: ListOptions,
): Promise<{ lists: QueryLists; name?: string }> {
  const entries = new Entries(path, documents);
  let reader: BlockReader | undefined;
  let line = 1;
  for await (const block of lineBlocks(path, chunkBytes)) {
    if (!isUtf8(block)) throw notText(path, kind, block, line);
    const bytes = line === 1 && BOM.every((byte, i) => block[i] === byte) ? block.subarray(BOM.length) : block;
    // Blank lines at the start tell nothing yet.
    if (reader || !isBlank(bytes)) {
      reader ??= readerFor(bytes, kind, entries);
      line = reader.block(bytes, line);
    } else line += bytes.reduce((lines, byte) => lines + (byte === LF ? 1 : 0), 0);
  }
  const name = reader?.end();
  if (entries.size === 0) throw new UserError(`${path}: no line of a ${kind.name} file in it`);
  return { lists: entries.grouped(), name };
}

function readerFor(first: Uint8Array, kind: Kind, entries: Entries): BlockReader {
  const head = Buffer.from(first.buffer, first.byteOffset, Math.min(first.length, 4096)).toString();
  const format = FORMATS.find(([start]) => start.test(head))?.[1] ?? trecLines;
  return format(kind, entries);
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte <= 32);
}

function notText(path: string, kind: Kind, block: Uint8Array, firstLine: number): UserError {
  let line = firstLine;
  for (let at = 0; at < block.length; line++) {
    const end = block.indexOf(LF, at) + 1;
    if (!isUtf8(block.subarray(at, end))) break;
    at = end;
  }
  return new UserError(
    `${path}, line ${line}: bytes that are not UTF-8; a ${kind.name} file is text${line === 1 ? ` (${startsWith(block)})` : ''}`,
  );
}
