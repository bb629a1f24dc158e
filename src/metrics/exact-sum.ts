import { UserError } from '../data/errors.js';
import { bitLength, type Dyadic, dyadic, roundRatio } from './round-ratio.js';

/** From here on doubles are summed as integers (in units of 2 ** UNIT), so that the others cannot overflow in fewer than 2 ** 53 additions. */
const HUGE = 2 ** 970;
const UNIT = 900;

/**
 * A sum of doubles without rounding: whatever the order of additions and merges, the same numbers give the same sum, mean and JSON, to the bit.
 *
 * The sum is kept as an expansion, a few doubles whose exact sum is the total: adding x to a part gives the rounded sum, which moves on, and the
 * error of that rounding, which is itself a double and stays. Most states hold a single double (a count of hits never rounds), so there may be
 * hundreds of thousands of them.
 *
 * @example
 * const sum = new ExactSum();
 * for (const x of [1e100, 1, -1e100]) sum.add(x);
 * sum.sum(); // 1
 *
 * @see J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates", Discrete & Computational Geometry
 * 18 (1997), section 2.4; Python's `math.fsum` keeps its partial sums in the same way
 */
export class ExactSum {
  #head = 0;
  /** The errors of the roundings, smallest first; none as long as all was exact. */
  #tail: number[] | undefined;
  #huge = 0n;

  /** Adds a finite number. @throws RangeError for NaN and the infinities */
  add(x: number): void {
    if (x - x !== 0) throw new RangeError(`an exact sum takes finite numbers, not ${x}`);
    if (x >= HUGE || x <= -HUGE) {
      const { mantissa, exponent } = dyadic(x);
      this.#huge += mantissa << BigInt(exponent - UNIT);
    } else {
      this.#grow(x);
    }
  }

  /** Adds all that another sum has seen. */
  merge(other: ExactSum): void {
    const { head, tail, huge } = { head: other.#head, tail: other.#tail, huge: other.#huge };
    if (tail) for (const part of tail.slice()) this.#grow(part);
    this.#grow(head);
    this.#huge += huge;
  }

  /** The double nearest to the exact sum; an infinity when it is beyond the largest double. */
  sum(): number {
    return this.#isOne() ? this.#head : roundRatio(this.#exact());
  }

  /** The double nearest to the exact sum divided by n: one rounding in all. @param n a positive integer */
  mean(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`a mean needs a positive number of values, not ${n}`);
    // Division rounds correctly by itself; "+ 0" turns -0 into 0.
    return this.#isOne() ? this.#head / n + 0 : roundRatio(this.#exact(), BigInt(n));
  }

  /** The exact sum in C's notation of doubles with an odd integer before the p (`-0x3p-2` is -0.75): equal sums, equal text. */
  toJSON(): string {
    const { mantissa, exponent } = this.#exact();
    if (mantissa === 0n) return '0x0p0';
    const magnitude = mantissa < 0n ? -mantissa : mantissa;
    const zeros = bitLength(magnitude & -magnitude) - 1;
    return `${mantissa < 0n ? '-' : ''}0x${(magnitude >> BigInt(zeros)).toString(16)}p${exponent + zeros}`;
  }

  /** The sum that `toJSON` wrote. @throws UserError for any other text */
  static fromJSON(text: string): ExactSum {
    const [, sign, hex, power] = /^(-?)0x([0-9a-f]{1,600})p(-?\d{1,4})$/.exec(text) ?? [];
    const exponent = Number(power);
    if (hex === undefined || exponent < -1074 || exponent > 1200) throw new UserError(`saved sum ${JSON.stringify(text)} cannot be read`);
    const magnitude = BigInt(`0x${hex}`);
    const sum = new ExactSum();
    sum.#take({ mantissa: sign ? -magnitude : magnitude, exponent });
    return sum;
  }

  #isOne(): boolean {
    return (this.#tail === undefined || this.#tail.length === 0) && this.#huge === 0n;
  }

  /** Adds x to every part in turn, smallest first (Knuth's error-free addition, which needs no order of magnitudes). */
  #grow(x: number): void {
    const tail = this.#tail;
    let carry = x;
    if (tail !== undefined && tail.length > 0) {
      let kept = 0;
      for (let i = 0; i < tail.length; i++) {
        const part = tail[i];
        const rounded = carry + part;
        const of = rounded - carry;
        const error = carry - (rounded - of) + (part - of);
        if (error !== 0) tail[kept++] = error;
        carry = rounded;
      }
      if (kept < tail.length) tail.length = kept;
    }
    const head = this.#head;
    const rounded = carry + head;
    const of = rounded - carry;
    const error = carry - (rounded - of) + (head - of);
    if (error !== 0) {
      if (this.#tail === undefined) this.#tail = [error];
      else this.#tail.push(error);
    }
    this.#head = rounded;
  }

  #exact(): Dyadic {
    const parts = [this.#head, ...(this.#tail ?? [])].filter((part) => part !== 0).map(dyadic);
    if (this.#huge !== 0n) parts.push({ mantissa: this.#huge, exponent: UNIT });
    let exponent = UNIT;
    for (const part of parts) exponent = Math.min(exponent, part.exponent);
    let mantissa = 0n;
    for (const part of parts) mantissa += part.mantissa << BigInt(part.exponent - exponent);
    return { mantissa, exponent };
  }

  /** Takes an exact number apart: what is a multiple of 2 ** UNIT as an integer, the rest as doubles. */
  #take({ mantissa, exponent }: Dyadic): void {
    let rest = mantissa;
    if (exponent >= UNIT) {
      this.#huge = mantissa << BigInt(exponent - UNIT);
      return;
    }
    if (bitLength(rest < 0n ? -rest : rest) + exponent > 970) {
      this.#huge = rest >> BigInt(UNIT - exponent);
      rest -= this.#huge << BigInt(UNIT - exponent);
    }
    while (rest !== 0n) {
      const nearest = roundRatio({ mantissa: rest, exponent });
      this.#grow(nearest);
      const taken = dyadic(nearest);
      rest -=
        taken.exponent < exponent
          ? taken.mantissa >> BigInt(exponent - taken.exponent)
          : taken.mantissa << BigInt(taken.exponent - exponent);
    }
  }
}
