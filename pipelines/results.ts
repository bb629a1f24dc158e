import type { Approximate, PostprocessStep, Results } from '../src/report/results.js';
import type { Outcome } from './chain.js';

/** The results JSON of a run; metrics must have been measured. */
export function resultsOf(
  outcome: Pick<Outcome, 'value' | 'baseline' | 'info'>,
  steps: readonly PostprocessStep[],
  seconds: Readonly<Record<string, number>>,
  warnings: readonly string[] = [],
  approximate?: Approximate,
): Results {
  const { value, baseline, info } = outcome;
  if (!value) throw new Error('resultsOf needs a run with metrics');
  return {
    metrics: value.metrics,
    by: value.by,
    ...(baseline && { baseline: { metrics: baseline.metrics, by: baseline.by } }),
    queries: value.queries,
    gallery: info.gallerySize,
    k: info.k,
    distance: info.distance,
    device: info.device,
    ...(approximate && { approximate }),
    postprocess: steps,
    seconds: { ...seconds },
    warnings: [...warnings, ...value.warnings],
  };
}

/** The results as the text of a file: without what differs from run to run. */
export function resultsFile(results: Results): string {
  const { seconds: _, ...lasting } = results;
  const asked = (steps: readonly PostprocessStep[]) => steps.map(({ seconds: _, ...step }) => step);
  const transform = results.transform && asked(results.transform);
  return `${JSON.stringify({ ...lasting, transform, postprocess: asked(results.postprocess) }, null, 2)}\n`;
}

/** A stopwatch: `lap` gives the seconds since the last one. */
export function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = Math.round(now - last) / 1000;
    last = now;
    return seconds;
  };
}
