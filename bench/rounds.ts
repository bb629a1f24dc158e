import type { Measurement } from './child.js';

export interface Contestant {
  readonly name: string;
  run(): Promise<Measurement>;
}

/** The rounds of one contestant. */
export interface Standing extends Measurement {
  readonly name: string;
}

/**
 * Runs the contestants in turn, round after round, so that what else happens on the machine falls on all of them.
 * @returns for each the smallest seconds of every part and the largest peak
 */
export async function rounds(contestants: readonly Contestant[], count: number): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  for (let round = 1; round <= count; round++) {
    for (const { name, run } of contestants) {
      console.error(`round ${round} of ${count}: ${name}`);
      const now = await run();
      const before = standings.get(name);
      const seconds = Object.fromEntries(
        Object.entries(now.seconds).map(([part, value]) => [part, Math.min(value, before?.seconds[part] ?? value)]),
      );
      standings.set(name, { ...now, name, seconds, peakRss: Math.max(now.peakRss, before?.peakRss ?? 0) });
    }
  }
  return standings;
}
