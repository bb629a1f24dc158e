import { mixed } from '../../data/random.js';

/**
 * Random 32-bit integers: xoshiro128**, its state filled from a seed by SplitMix32 (the finaliser of MurmurHash3), so that close seeds give unlike
 * sequences.
 * @param seed an integer; only its lowest 32 bits count
 * @see D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM Transactions on Mathematical Software 47 (2021)
 */
export function random32(seed: number): () => number {
  let word = seed | 0;
  const fill = () => {
    word = (word + 0x9e3779b9) | 0;
    return mixed(word);
  };
  return xoshiro128([fill(), fill(), fill(), fill()]);
}

/** The generator itself, from its state: four 32-bit words that are not all 0. */
export function xoshiro128([s0, s1, s2, s3]: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = [s0 | 0, s1 | 0, s2 | 0, s3 | 0];
  return () => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}
