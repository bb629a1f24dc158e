import type { Shard } from '../data/vector-store.js';

/** Which rows stand for all that are equal to them. */
export interface Representatives {
  /** For each shard the rows, relative to it, that have no equal before them; ascending, shared memory. */
  readonly rows: readonly Int32Array[];
  /** Lists of two and more gallery rows with equal vectors, ascending. */
  readonly twins: readonly Int32Array[];
}

/** Finds equal vectors (bit by bit) by a 32-bit hash, confirmed on the vectors. Copies of one vector would else crowd out all other candidates. */
export function representatives(shards: readonly Shard[], dim: number): Representatives {
  const words = shards.map((shard) => new Int32Array(shard.memory.buffer, 0, shard.rows * dim));
  const total = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const equal = ([s, a]: Place, [t, b]: Place) => {
    for (let i = 0; i < dim; i++) if (words[s][a * dim + i] !== words[t][b * dim + i]) return false;
    return true;
  };
  // Chains of rows by hash, in open addressing: a Map of 100 million rows would not fit.
  const size = 2 ** Math.ceil(Math.log2(total * 2 + 2));
  const table = new Int32Array(size).fill(-1);
  const place = placer(shards);
  const twins = new Map<number, number[]>();
  const rows = shards.map((shard, s) => {
    const alone = new Int32Array(new SharedArrayBuffer(shard.rows * 4));
    let count = 0;
    for (let row = 0; row < shard.rows; row++) {
      const global = shard.firstRow + row;
      let slot = hash(words[s], row * dim, dim) & (size - 1);
      while (table[slot] >= 0 && !equal(place(table[slot]), [s, row])) slot = (slot + 1) & (size - 1);
      const first = table[slot];
      if (first < 0) {
        table[slot] = global;
        alone[count++] = row;
      } else {
        const list = twins.get(first);
        if (list) list.push(global);
        else twins.set(first, [first, global]);
      }
    }
    return alone.subarray(0, count);
  });
  return { rows, twins: [...twins.values()].map((list) => Int32Array.from(list)) };
}

type Place = readonly [shard: number, row: number];

function placer(shards: readonly Shard[]): (row: number) => Place {
  if (shards.length === 1) return (row) => [0, row];
  return (row) => {
    const s = shards.findLastIndex((shard) => shard.firstRow <= row);
    return [s, row - shards[s].firstRow];
  };
}

/** Murmur-like mixing of 32-bit words. */
function hash(words: Int32Array, start: number, length: number): number {
  let h = 0;
  for (let i = start; i < start + length; i++) {
    h = Math.imul(h ^ words[i], 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0x85ebca6b);
  return (h ^ (h >>> 13)) & 0x7fffffff;
}
