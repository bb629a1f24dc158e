/** Whether a metric is an error rate, which should fall: `fnmr@fmr=0.01`. All others should grow. */
export function lowerIsBetter(metric: string): boolean {
  return /^(f(n|p)m?r|eer$)/i.test(metric);
}
