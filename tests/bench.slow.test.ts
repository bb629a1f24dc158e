import { describe, expect, it } from 'vitest';
import { ROOT, run } from './support/cli.js';
import { readmeBlocks } from './support/readme.js';

/** The benchmarks' commands, at a hundredth of the size: here they must work, not be fast. */
const commands = readmeBlocks('bash', 'bench/README.md')[0]
  .trim()
  .split('\n')
  .map((line) => line.replace(/\s+#.*/, ''))
  // A device may not be there.
  .filter((line) => !line.includes('--device'));

/** The last column of a row that a benchmark printed. */
function cell(stdout: string, row: string): string {
  const line = stdout.split('\n').find((text) => text.startsWith(row));
  return (
    line
      ?.trim()
      .split(/\s{2,}/)
      .at(-1) ?? `no row "${row}"`
  );
}

describe('bench', () => {
  it('has seven commands', () => {
    expect(commands.map((command) => command.split(' ').at(-1))).toEqual([
      'search',
      'metrics',
      'postprocess',
      'memory',
      'issue562',
      'trec',
      'large',
    ]);
  });

  it.each(commands)('%s', async (command) => {
    const { status, stdout, stderr } = await run('bash', ['-c', `${command} --scale 0.01`], { cwd: ROOT });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/node v\d+.*onnxruntime-node \d/);
    if (command.endsWith('search')) {
      for (const row of ['bare ONNX graph', 'rankstream', 'rankstream from Parquet']) expect(cell(stdout, row)).toMatch(/^\d+ MB$/);
    } else if (command.endsWith('metrics')) {
      expect(cell(stdout, 'rankstream  ')).toMatch(/^\d+ MB$/);
      // Two of the six relevant documents are retrieved.
      expect(Number(cell(stdout, 'R@100'))).toBeCloseTo(1 / 3, 6);
      expect(Number(cell(stdout, 'nDCG@100'))).toBeGreaterThan(0);
    } else if (command.endsWith('postprocess')) {
      expect(cell(stdout, 're-ranking 6 x 10')).toBe('at least 0.90x');
      expect(stdout).toMatch(/re-ranking 6 x 10 +\d+ pairs\/s +\d+ pairs\/s \(model alone, batch \d+\) +\d+\.\d\dx/);
      expect(cell(stdout, 'k-reciprocal, seconds')).toBe('at least 5x');
      expect(stdout).toMatch(/k-reciprocal, map@100 +0\.\d{4} /);
    } else if (command.endsWith('memory')) {
      expect(cell(stdout, '100 queries')).toBe('1.00x');
      expect(cell(stdout, '1000 queries')).toMatch(/^\d\.\d\dx$/);
    } else if (command.endsWith('trec')) {
      expect(stdout).toMatch(/^600 queries x 100 documents/m);
      expect(cell(stdout, 'rankstream')).toMatch(/^\d+ MB$/);
    } else if (command.endsWith('large')) {
      expect(stderr).toMatch(
        /plan: gallery 40,000 x 128 streamed in \d+ blocks of [\d,]+ rows against 40 resident queries; about [\d.]+ MB/,
      );
      expect(cell(stdout, 'streamed in 1 GB')).toMatch(/^\d+ MB$/);
      expect(stdout).toContain('40 queries compared, 0 with different bytes');
    } else {
      expect(cell(stdout, 'peak RSS')).toMatch(/^\d+ MB$/);
      expect(Number(cell(stdout, 'cmc@1'))).toBeGreaterThan(0.5);
    }
  });

  it('tells of a wrong option in one line', async () => {
    const { status, stderr } = await run('npm', ['run', '-s', 'bench', '--', 'search', '--scale', '2'], { cwd: ROOT });
    expect(status).not.toBe(0);
    expect(stderr).toContain('give a number above 0, at most 1');
  });
});
