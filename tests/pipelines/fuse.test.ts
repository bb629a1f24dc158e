import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pump, writeResults } from '../../operators/index.js';
import { runFuse, runMetrics } from '../../pipelines/index.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { combSum, fuseResults, NORMALISATIONS, rbc, rrf, weightedSum } from '../../src/postprocess/fusion/index.js';
import { rankstream } from '../support/cli.js';
import { random, temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const N = 60;
const next = random(3);

/** Results of N queries among 100 items, of which five are relevant; the larger the noise, the worse. */
function results(noise: number, judged = true, gallerySize = 100): RetrievalResults {
  const scored = Array.from({ length: N }, (_, q) =>
    Array.from({ length: 100 }, (_, row) => ({ row, distance: (row % 20 === q % 20 ? 0 : 1) + noise * next() }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 20),
  );
  return RetrievalResults.fromLists({
    retrieved: scored.map((list) => list.map(({ row }) => row)),
    distances: scored.map((list) => list.map(({ distance }) => distance)),
    relevant: judged ? scored.map((_, q) => Array.from({ length: 5 }, (_, i) => 20 * i + (q % 20))) : undefined,
    info: { gallerySize, distance: 'l2' },
  });
}
const a = results(2);
const b = results(1.5);
const save = (name: string, ...parts: RetrievalResults[]) => pump(parts, {}, writeResults(at(name))).last();
const read = async (name: string) => {
  const parts: RetrievalResults[] = [];
  for await (const rr of readRetrieval(at(name))) parts.push(rr);
  return RetrievalResults.concat(parts);
};
const minMax = { normalise: NORMALISATIONS['min-max'] };

beforeAll(async () => {
  await save('a.arrow', a);
  await save('b.arrow', b.slice(0, 7), b.slice(7, N));
  await save('plain-a.arrow', results(2, false));
  await save('plain-b.arrow', results(1, false));
  await save('short.arrow', b.slice(0, 9));
  await save('later.arrow', b.slice(1, N));
  await save('larger.arrow', results(1, true, 101));
});

describe('runFuse', () => {
  it('fuses by a method, its parameters and weights', async () => {
    const inputs = [at('a.arrow'), at('b.arrow')];
    const cases = [
      [{}, rrf()],
      [{ method: 'rrf:k=5' }, rrf(5)],
      [{ method: 'rbc:phi=0.9' }, rbc(0.9)],
      [{ method: 'sum' }, combSum()],
      [{ weights: [0.2, 0.8] }, weightedSum([0.2, 0.8])],
    ] as const;
    for (const [options, method] of cases) {
      await runFuse({ inputs, ...options, weights: 'weights' in options ? [...options.weights] : undefined, out: at('fused.arrow') });
      expect((await read('fused.arrow')).equals(fuseResults([a, b], method, minMax))).toBe(true);
    }
    await runFuse({ inputs, normalise: 'zmuv', method: 'mnz', k: 3, out: at('fused.parquet') });
    expect((await read('fused.parquet')).maxRetrieved).toBe(3);
  });

  it('measures what is judged, as metrics does with the file', async () => {
    const { results: fused } = await runFuse({ inputs: [at('a.arrow'), at('b.arrow')], metrics: 'map@5,cmc@1', out: at('fused.arrow') });
    const again = await runMetrics({ inputs: [at('fused.arrow')], metrics: 'map@5,cmc@1' });
    expect(fused?.metrics).toEqual(again.metrics);
    expect(fused?.postprocess).toEqual([{ name: 'fuse', params: { method: 'rrf', normalise: 'min-max' } }]);
  });

  it('tunes weights, and fuses with them', async () => {
    const { results: tuned } = await runFuse({
      inputs: [at('a.arrow'), at('b.arrow')],
      tuneWeights: 'map@5',
      weightStep: 0.25,
      folds: 3,
      metrics: 'map@5',
    });
    expect(tuned?.tuned?.fitted).toBe(tuned?.metrics['map@5']);
    expect(tuned?.tuned?.weights).toEqual(tuned?.postprocess[0].params?.weights);
    expect(tuned?.tuned?.folds).toHaveLength(3);
  });

  it('fuses runs whose documents come in another order, and leaves out what neither has', async () => {
    writeFileSync(at('qrels.txt'), 'q1 0 d1 1\nq1 0 d9 1\nq2 0 d2 1\nq3 0 d5 1\n');
    writeFileSync(at('one.run'), 'q1 Q0 d1 1 9 one\nq1 Q0 d2 2 8 one\nq4 Q0 d1 1 1 one\n');
    writeFileSync(at('two.run'), 'q2 Q0 d2 1 4 two\nq1 Q0 d2 1 3 two\nq1 Q0 d3 2 2 two\n');
    const inputs = [at('one.run'), at('two.run')];
    const { results: fused } = await runFuse({ inputs, qrels: at('qrels.txt'), method: 'rrf:k=1', metrics: 'AP,RR', out: at('both.run') });
    // q1: d2 1/3 + 1/2, d1 1/2, d3 1/3.
    const lines = readFileSync(at('both.run'), 'utf8').trim().split('\n');
    expect(lines.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual(['q1 Q0 d2 1', 'q1 Q0 d1 2', 'q1 Q0 d3 3', 'q2 Q0 d2 1']);
    expect(fused).toMatchObject({ queries: 2, metrics: { AP: (0.25 + 1) / 2, RR: 0.75 } });
    expect(fused?.warnings).toEqual([expect.stringContaining('1 query of'), expect.stringContaining('in none of the runs: 1')]);
    const again = await runMetrics({ run: at('both.run'), qrels: at('qrels.txt'), metrics: 'AP,RR' });
    expect(again.metrics).toEqual(fused?.metrics);
    await runFuse({ inputs, qrels: at('qrels.txt'), out: at('both.arrow') });
    expect((await read('both.arrow')).length).toBe(2);
  });

  it.each([
    [{ inputs: ['a.arrow'] }, 'at least two retrievals to fuse'],
    [{ inputs: ['a.arrow', 'larger.arrow'] }, 'galleries of 100 and of 101 items cannot be fused'],
    [{ inputs: ['a.arrow', 'short.arrow'] }, 'retrieval 2 ends after 9 queries, but 1 goes on'],
    [{ inputs: ['a.arrow', 'later.arrow'] }, 'results of different queries cannot be fused: 0 and 1 stand at the same place'],
    [{ inputs: ['a.arrow', 'plain-b.arrow'] }, 'with and without relevance'],
    [{ inputs: ['plain-a.arrow', 'plain-b.arrow'], metrics: 'cmc@1' }, 'carry no relevance'],
    [{ inputs: ['plain-a.arrow', 'plain-b.arrow'], out: undefined }, 'say where the results go'],
    [{ metrics: 'pcf@0.5' }, 'pcf@0.5: needs embeddings'],
    [{ method: 'rff' }, 'unknown method of fusion "rff" (there are: rrf, sum, mnz'],
    [{ method: 'rff' }, 'did you mean "rrf"?'],
    [{ method: 'rrf:phi=2' }, 'fusion "rrf:phi=2": no parameter for "phi=2"; write rrf:[k=NUMBER]'],
    [{ method: 'rrf:k=1e999' }, 'k must be a number, not "1e999"'],
    [{ method: 'rbc:phi=2' }, 'phi must lie between 0 and 1'],
    [{ method: 'mnz', weights: [1, 2] }, 'fusion "mnz" takes no weights; sum, borda, condorcet do'],
    [{ weights: [1, 2, 3] }, '--weights: 3 for 2 retrievals'],
    [{ weights: [0, 0] }, 'all weights are 0'],
    [{ qrels: 'none.txt', out: at('never.json') }, 'never.json: runs are written in the TREC format; give a name that ends with .run'],
    [{ weights: [1, 2], tuneWeights: 'cmc@1' }, 'choose one of them'],
    [{ tuneWeights: 'fnmr@fmr=0.1' }, 'metric fnmr@fmr=0.1 has no value for a single query'],
    [{ seed: 1 }, '--seed goes with --tune-weights'],
    [{ weightStep: 0.5 }, '--weight-step goes with --tune-weights'],
    [{ normalise: 'minmax' }, 'unknown normalisation "minmax" (there are: none, min-max'],
    [{ tuneWeights: 'cmc@1', weightStep: 0.3 }, 'steps that divide 1'],
    [{ inputs: ['-', 'a.arrow'], tuneWeights: 'cmc@1' }, 'reads the retrievals twice'],
  ])('refuses %j', async (wrong, message) => {
    const { inputs = ['a.arrow', 'b.arrow'], ...rest } = wrong as { inputs?: string[] };
    const options = { out: at('never.arrow'), ...rest, inputs: inputs.map((name) => (name === '-' ? name : at(name))) };
    await expect(runFuse(options)).rejects.toThrow(message);
    expect(() => readFileSync(at('never.arrow'))).toThrow('ENOENT');
  });
});

describe('rankstream fuse', () => {
  it('prints the metrics and how the weights were chosen, or what it wrote', async () => {
    const table = await rankstream(['fuse', at('a.arrow'), at('b.arrow'), '--tune-weights', 'map@5', '--metrics', 'map@5']);
    expect(table).toMatchObject({ status: 0, stderr: '' });
    expect(table.stdout).toMatch(/RR -> fuse\(method=sum, normalise=min-max, weights=\[.*\]\) -> RR_upd/);
    expect(table.stdout).toMatch(/weights 0\.\d+, 0\.\d+ for map@5: \S+ fitted, \S+ held out \(5 folds\), \S+ with equal weights/);
    const plain = await rankstream(['fuse', at('plain-a.arrow'), at('plain-b.arrow'), '--weights', '1,2', '-o', at('plain.arrow')]);
    expect(plain).toMatchObject({ status: 0, stdout: `60 queries fused, results in ${at('plain.arrow')}\n` });
    for (const weights of ['1,x', '1,', ',']) {
      const wrong = await rankstream(['fuse', at('a.arrow'), at('b.arrow'), '--weights', weights]);
      expect(wrong).toMatchObject({ status: 2, stderr: `rankstream: --weights: must be numbers, not "${weights}"\n` });
    }
  });
});
