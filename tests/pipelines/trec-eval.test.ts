import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runMetrics } from '../../pipelines/metrics.js';
import type { Options } from '../../pipelines/options.js';
import { runTrecEval } from '../../pipelines/trec-eval.js';
import { createRetrievalWriter } from '../../src/io/retrieval-file.js';
import { TREC_NAMES } from '../../src/metrics/trec-names.js';
import { rankstream } from '../support/cli.js';
import { temporaryFolder } from '../support/tables.js';
import { judgedRun, type Qrels, type Run } from '../support/trec.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const fixture = (name: string) => readFileSync(new URL(`../fixtures/metrics/${name}`, import.meta.url), 'utf8');
const { run, qrels }: { run: Run; qrels: Qrels } = JSON.parse(fixture('ir-measures.json'))['half judged, graded'];

// The lines of the run in the order of the documents, with ranks that tell nothing.
const lines = Object.entries(run).flatMap(([query, scores]) => Object.entries(scores).map(([document, score]) => [query, document, score]));
writeFileSync(at('run.txt'), lines.map(([query, document, score]) => `${query} Q0 ${document} 0 ${score} fixture\n`).join(''));
writeFileSync(
  at('qrels.txt'),
  Object.entries({ ...qrels, 9: { d1: 1 } })
    .flatMap(([query, gains]) => Object.entries(gains).map(([document, gain]) => `${query} 0 ${document} ${gain}\n`))
    .join(''),
);
const args = ['metrics', '--run', 'run.txt', '--qrels', 'qrels.txt', '--format', 'trec_eval'];

describe('rankstream metrics --format trec_eval', () => {
  it('prints what trec_eval prints', async () => {
    const { status, stdout, stderr } = await rankstream([...args, '-q'], { cwd: folder });
    expect(stderr).toBe('rankstream: warning: 1 query of qrels.txt left out, because not in run.txt (--complete counts them as empty)\n');
    expect(status).toBe(0);
    const ours = stdout.trimEnd().split('\n');
    // The fixture is trec_eval 9's, which takes recalls in another way.
    expect(ours.filter((line) => !/^(iprec_at_recall|11pt)/.test(line))).toEqual(fixture('trec-report.txt').trimEnd().split('\n'));
  });

  it('takes -c, -M and -l', async () => {
    const { stdout, stderr } = await rankstream([...args, '-q', '-c', '-M', '3', '-l', '2', '--metrics', 'num_q,num_ret,num_rel,P_3'], {
      cwd: folder,
    });
    expect(stderr).toBe('');
    const printed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').map((cell) => cell.trim()));
    const column = (name: string) => printed.filter((line) => line[0] === name).map(([, query, value]) => [query, Number(value)]);
    const withTotal = (counts: [string, number][]) => [...counts, ['9', 0], ['all', counts.reduce((sum, [, count]) => sum + count, 0)]];
    const relevant = (query: string) => Object.values(qrels[query]).filter((gain) => gain >= 2).length;
    const queries = Object.keys(run);
    expect(column('num_rel')).toEqual(withTotal(queries.map((query) => [query, relevant(query)])));
    expect(column('num_ret')).toEqual(withTotal(queries.map((query) => [query, Math.min(3, Object.keys(run[query]).length)])));
    expect(column('num_q')).toEqual([['all', 6]]);
    expect(column('P_3').at(-2)).toEqual(['9', 0]);
  });

  it('writes to a file, and reads saved results', async () => {
    await rankstream([...args, '-c', '-o', 'report.txt'], { cwd: folder });
    const whole = readFileSync(at('report.txt'), 'utf8');
    expect(whole).toMatch(/^runid {17}\tall\tfixture\nnum_q {17}\tall\t6\n/);
    const writer = createRetrievalWriter(at('saved.arrow'));
    await writer.write(judgedRun(run, qrels));
    await writer.close();
    const saved = await runTrecEval({ inputs: [at('saved.arrow')], eachQuery: true, metrics: 'map,ndcg' });
    const asRun = await runTrecEval({ run: at('run.txt'), qrels: at('qrels.txt'), eachQuery: true, metrics: 'map,ndcg' });
    expect(saved).toEqual({ text: asRun.text, warnings: [] });
  });

  it.each<[Options, RegExp]>([
    [{}, /^give --run RUN and --qrels QRELS, or saved results/],
    [{ by: ['category'] }, /^--by does not go with --format trec_eval$/],
    [{ json: true }, /^--json does not go with --format trec_eval$/],
    [{ perQuery: 'x.arrow' }, /^--per-query does not go with --format trec_eval$/],
    [{ run: at('run.txt'), qrels: at('qrels.txt'), metrics: 'Bprf' }, /^unknown metric "Bprf"; did you mean "Bpref"\?$/],
    [{ run: at('run.txt'), qrels: at('qrels.txt'), metrics: 'cmc@1', relevanceLevel: 2 }, /^metric cmc@1 knows no level of relevance/],
  ])('refuses %j', async (options, message) => {
    await expect(runTrecEval(options)).rejects.toThrow(message);
  });

  it('refuses a wrong option in one line', async () => {
    const { status, stdout, stderr } = await rankstream(['metrics', '--format', 'trec'], { cwd: folder });
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: 'rankstream: --format: must be trec_eval, not "trec"\n' });
  });
});

describe('runMetrics', () => {
  const files = { run: at('run.txt'), qrels: at('qrels.txt') };

  it('takes a level of relevance for its table too', async () => {
    const { metrics } = await runMetrics({ ...files, relevanceLevel: 2, metrics: 'AP,nDCG@5' });
    expect(Object.keys(metrics)).toEqual(['AP(rel=2)', 'nDCG@5']);
  });

  it('measures a run by the IR measures where nothing else is asked for', async () => {
    expect(Object.keys((await runMetrics(files)).metrics)).toEqual(['nDCG@10', 'AP', 'RR', 'P@10', 'R@100']);
  });

  it('has no lines for queries', async () => {
    await expect(runMetrics({ ...files, eachQuery: true })).rejects.toThrow(/^--each-query goes with --format trec_eval/);
  });
});

const golden = fileURLToPath(new URL('../../../shared/golden/trec/', import.meta.url));
describe.runIf(existsSync(golden))("trec_eval's own output", () => {
  it('is printed digit for digit', async () => {
    const flags = ['--run', 'results.test', '--qrels', 'qrels.test', '--format', 'trec_eval', '-q'];
    const { stdout, stderr } = await rankstream(['metrics', ...flags], { cwd: golden });
    expect(stderr).toBe('');
    const ours = stdout.trimEnd().split('\n');
    const names = new Set(ours.map((line) => line.split('\t')[0]));
    const theirs = readFileSync(join(golden, 'out.test.aq'), 'utf8').trimEnd().split('\n');
    expect(ours).toEqual(theirs.filter((line) => names.has(line.split('\t')[0])));
    expect(names.size).toBe(1 + TREC_NAMES.length);
  });
});
