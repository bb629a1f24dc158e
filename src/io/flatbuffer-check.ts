/*
 * Checks the structure of Arrow's metadata before apache-arrow decodes it, as the verifier of the flatbuffers library in C++ does: a damaged
 * length of a vector would otherwise be believed, and end the process for want of memory.
 * Tables as of https://github.com/apache/arrow/tree/main/format (Message.fbs, Schema.fbs, File.fbs).
 */

/** Slot of a table -> what the offset in it leads to: a string, a table, one of several by the number in the slot before, or a vector. */
interface TableShape {
  readonly [slot: number]: Shape;
}
type Shape = { text: true } | { table: () => TableShape } | { union: Readonly<Record<number, TableShape>> } | Vector;
type Vector = { tables: () => TableShape } | { structs: number };

const text: Shape = { text: true };
const structs = (size: number): Shape => ({ structs: size });
const SCALARS: TableShape = {};
const KEY_VALUES: Shape = { tables: () => ({ 0: text, 1: text }) };
const [TIMESTAMP, UNION] = [10, 14];
const TYPE: Shape = { union: { [TIMESTAMP]: { 1: text }, [UNION]: { 1: structs(4) } } };
const FIELD: TableShape = { 0: text, 3: TYPE, 4: { table: () => SCALARS }, 5: { tables: () => FIELD }, 6: KEY_VALUES };
const SCHEMA: TableShape = { 1: { tables: () => FIELD }, 2: KEY_VALUES, 3: structs(8) };
const RECORD_BATCH: TableShape = { 1: structs(16), 2: structs(16), 3: { table: () => SCALARS }, 4: structs(8) };
const DICTIONARY_BATCH: TableShape = { 1: { table: () => RECORD_BATCH } };
const MESSAGE: TableShape = { 2: { union: { 1: SCHEMA, 2: DICTIONARY_BATCH, 3: RECORD_BATCH } }, 4: KEY_VALUES };
const FOOTER: TableShape = { 1: { table: () => SCHEMA }, 2: structs(24), 3: structs(24), 4: KEY_VALUES };

/** A wide schema has some hundred thousand tables; tables that share their children could be made to look like more than memory holds. */
const MOST_TABLES = 2 ** 22;

/** @throws Error where an offset or a length in the metadata of a message leads out of it */
export function checkMessage(bytes: Uint8Array): void {
  new Check(bytes).root(MESSAGE);
}

/** @throws Error where an offset or a length in a file's footer leads out of it */
export function checkFooter(bytes: Uint8Array): void {
  new Check(bytes).root(FOOTER);
}

class Check {
  readonly #view: DataView;
  #tables = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  root(shape: TableShape): void {
    this.#table(this.#target(0), shape);
  }

  /** Where the offset at this place leads. Offsets lead forward, so that tables cannot hold themselves. */
  #target(at: number): number {
    const offset = this.#view.getUint32(at, true);
    if (offset === 0 || at + offset >= this.#view.byteLength) throw new Error('an offset leads out of its metadata');
    return at + offset;
  }

  /** Where the value of a table's slot stands; 0 when it has its default. */
  #slot(table: number, slot: number): number {
    const vtable = table - this.#view.getInt32(table, true);
    const at = 4 + 2 * slot;
    if (at + 2 > this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + at, true);
    return offset === 0 ? 0 : table + offset;
  }

  #table(table: number, shape: TableShape): void {
    if (++this.#tables > MOST_TABLES) throw new Error('its metadata has too many parts');
    for (const slot of Object.keys(shape).map(Number)) {
      const at = this.#slot(table, slot);
      if (at !== 0) this.#value(this.#target(at), shape[slot], () => this.#slot(table, slot - 1));
    }
  }

  #value(at: number, shape: Shape, before: () => number): void {
    if ('table' in shape) {
      this.#table(at, shape.table());
      return;
    }
    if ('union' in shape) {
      const kind = before();
      this.#table(at, shape.union[kind === 0 ? 0 : this.#view.getUint8(kind)] ?? SCALARS);
      return;
    }
    const length = this.#view.getUint32(at, true);
    const size = 'text' in shape ? 1 : 'structs' in shape ? shape.structs : 4;
    if (at + 4 + length * size > this.#view.byteLength) throw new Error('a length leads out of its metadata');
    if ('tables' in shape) for (let i = 0; i < length; i++) this.#table(this.#target(at + 4 + 4 * i), shape.tables());
  }
}
