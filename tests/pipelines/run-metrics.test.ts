import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runMetrics } from '../../pipelines/metrics.js';
import type { Options } from '../../pipelines/options.js';
import { refusal } from '../io/support.js';
import { rankstream } from '../support/cli.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

/* By hand: q1 has its two relevant documents at ranks 2 and 4 (the ties d2, d3 in descending order), q2 its one at rank 1, q3 is not in the run. */
const RUN = `q1 Q0 d1 9 4 sys
q2 Q0 d7 1 0.5 sys
q1 Q0 d2 1 3 sys
q1 Q0 d3 1 3 sys
q1 Q0 d4 1 -1e3 sys
other Q0 d1 1 1 sys
`;
const QRELS = `q1 0 d3 1
q1 0 d4 2
q1 0 d1 0
q2 0 d7 1
q3 0 d1 1
`;
writeFileSync(at('run.txt'), RUN);
writeFileSync(at('run.txt.gz'), gzipSync(RUN));
writeFileSync(at('qrels.txt'), QRELS);
writeFileSync(at('three.txt'), 'q1 0 d3 1\nq1 d4 2\n');
writeFileSync(at('twice.txt'), `${RUN}q1 Q0 d1 9 4 sys\n`);
writeFileSync(at('high.txt'), 'q1 Q0 d1 1 high sys\n');
writeFileSync(at('far.txt'), 'q9 0 d1 1\n');

async function results(...args: string[]) {
  const { status, stdout, stderr } = await rankstream(['metrics', ...args, '--metrics', 'cmc@1,cmc@2,RR,AP', '--json'], { cwd: folder });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe('rankstream metrics --run --qrels', () => {
  it('measures the queries that are in both', async () => {
    const got = await results('--run', 'run.txt', '--qrels', 'qrels.txt');
    expect(got.metrics).toEqual({ 'cmc@1': 0.5, 'cmc@2': 1, RR: 0.75, AP: 0.75 });
    expect(got).toMatchObject({ queries: 2, distance: 'score' });
    expect(got.warnings).toEqual([
      '1 query of run.txt left out, because not in qrels.txt',
      '1 query of qrels.txt left out, because not in run.txt (--complete counts them as empty)',
    ]);
    expect((await results('--run', 'run.txt.gz', '--qrels', 'qrels.txt')).metrics).toEqual(got.metrics);
  });

  it('--complete counts missing queries, --depth cuts lists', async () => {
    const complete = await results('--run', 'run.txt', '--qrels', 'qrels.txt', '--complete');
    expect(complete.queries).toBe(3);
    expect(complete.metrics).toEqual({ 'cmc@1': 1 / 3, 'cmc@2': 2 / 3, RR: 0.5, AP: 0.5 });
    const cut = await results('--run', 'run.txt', '--qrels', 'qrels.txt', '--depth', '2');
    expect(cut.k).toBe(2);
    expect(cut.metrics).toEqual({ 'cmc@1': 0.5, 'cmc@2': 1, RR: 0.75, AP: 0.625 });
  });

  it('reads a run from stdin', async () => {
    const { stdout } = await rankstream(['metrics', '--run', '-', '--qrels', at('qrels.txt'), '--metrics', 'RR', '--json'], {
      input: Buffer.from(RUN),
    });
    expect(JSON.parse(stdout).metrics).toEqual({ RR: 0.75 });
  });

  it('refuses bad input in one line, with status 2', async () => {
    const { status, stdout, stderr } = await rankstream(['metrics', '--run', 'run.txt', '--qrels', 'three.txt'], { cwd: folder });
    expect(stderr).toBe('rankstream: three.txt, line 2: 3 columns where qrels have 4 (query 0 document relevance)\n');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

describe('runMetrics', () => {
  const [run, qrels] = [at('run.txt'), at('qrels.txt')];
  it.each<[Options, string]>([
    [{ run }, '--run needs --qrels FILE'],
    [{ qrels }, '--qrels goes with --run FILE'],
    [{ inputs: ['rr.arrow'], depth: 3 }, '--depth goes with --run FILE'],
    [{ inputs: ['rr.arrow'], run, qrels }, 'give either saved results, or --run and --qrels'],
    [{ run: '-', qrels: '-' }, 'only one of --run and --qrels can come from stdin'],
    [{}, 'give the saved results to measure, for example rr.arrow, or --run RUN --qrels QRELS'],
    [{ run, qrels, by: ['category'] }, 'no query column "category" to group by'],
    [{ run: at('twice.txt'), qrels }, 'twice.txt, line 7: document "d1" stands twice for query "q1" (first in line 1)'],
    [{ run: at('high.txt'), qrels }, 'high.txt, line 1: score "high" is not a decimal number'],
    [{ run, qrels: at('far.txt') }, `${run}: none of its queries ("q1", ...) is in ${at('far.txt')} ("q9", ...)`],
  ])('refuses %o', async (options, message) => {
    expect(await refusal(() => runMetrics(options))).toContain(message);
  });
});
