/** A number cut off after so many significant bits. */
export function truncated(x: number, bits: number): number {
  const unit = unitOf(x, bits);
  return unit === 0 ? x : Math.trunc(x / unit) * unit;
}

/** A number rounded to so many significant bits, halves away from zero. */
export function rounded(x: number, bits: number): number {
  const unit = unitOf(x, bits);
  return unit === 0 ? x : Math.sign(x) * Math.round(Math.abs(x) / unit) * unit;
}

/** Zero for what float32 holds only as a denormal number. */
export function flushed(x: number): number {
  return Math.abs(x) < 2 ** -126 ? 0 : x;
}

/** The last of so many bits; 0 for zero. */
function unitOf(x: number, bits: number): number {
  if (x === 0) return 0;
  let exponent = Math.floor(Math.log2(Math.abs(x)));
  if (2 ** exponent > Math.abs(x)) exponent--;
  return 2 ** (exponent + 1 - bits);
}
