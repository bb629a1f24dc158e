export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The line a + b x that is nearest to the points by least squares. */
export interface Fit {
  readonly a: number;
  readonly b: number;
  /** Share of the variance of y that the line explains. */
  readonly r2: number;
  /** The largest |y - line| / line. */
  readonly deviation: number;
}

export function leastSquares(points: readonly { readonly x: number; readonly y: number }[]): Fit {
  const mean = (value: (point: { x: number; y: number }) => number) => points.reduce((sum, point) => sum + value(point), 0) / points.length;
  const [mx, my] = [mean(({ x }) => x), mean(({ y }) => y)];
  const b = mean(({ x, y }) => (x - mx) * (y - my)) / mean(({ x }) => (x - mx) ** 2);
  const a = my - b * mx;
  const line = (x: number) => a + b * x;
  const r2 = 1 - mean(({ x, y }) => (y - line(x)) ** 2) / mean(({ y }) => (y - my) ** 2);
  return { a, b, r2, deviation: Math.max(...points.map(({ x, y }) => Math.abs(y - line(x)) / line(x))) };
}
