import { describe, expect, it } from 'vitest';
import { ROOT, run } from './support/cli.js';
import { readmeBlocks } from './support/readme.js';

/** The benchmarks' commands, at a hundredth of the size: here they must work, not be fast. */
const commands = readmeBlocks('bash', 'bench/README.md')[0]
  .trim()
  .split('\n')
  .map((line) => line.replace(/\s+#.*/, ''));
const nameOf = (command: string) => / -- (\w+)/.exec(command)?.[1] ?? '';

/** The columns of a row that a benchmark printed. */
function cells(stdout: string, row: string): string[] {
  const line = stdout.split('\n').find((text) => text.split(/\s{2,}/)[0] === row);
  return line?.trim().split(/\s{2,}/) ?? [`no row "${row}"`];
}

const last = (stdout: string, row: string) => cells(stdout, row).at(-1) ?? '';

/** What each benchmark must have printed. */
const CHECKS: Readonly<Record<string, (stdout: string) => void>> = {
  search(stdout) {
    const names = [...stdout.matchAll(/^(\w+): .*, k = (\d+)/gm)].map(([, name, k]) => `${name} ${k}`);
    expect([['products 100'], ['self 100', 'd128 100', 'd768 100', 'single 100', 'k1 1', 'k1000 605']]).toContainEqual(names);
    expect(cells(stdout, 'rankstream')).toEqual(['rankstream', 'search', expect.stringMatching(/^\d+\.\d\d s$/), ...columns('100.00%')]);
    if (!names.includes('products 100')) {
      expect(stdout).toMatch(/^single: 100 queries.*\n.*median.*\nrankstream +search +\d+\.\d\d ms /m);
      return;
    }
    for (const row of ['bare ONNX graph', 'rankstream, metrics', 'rankstream from Parquet'])
      expect(cells(stdout, row).slice(3)).toEqual(columns());
  },
  growth(stdout) {
    expect(stdout.match(/^line: .* R\^2 = -?\d\.\d+, largest deviation \d+\.\d%$/gm)).toHaveLength(2);
    for (const size of ['25', '50', '75', '100', '152', '303', '455', '606']) expect(last(stdout, size)).toMatch(/%$/);
  },
  accuracy(stdout) {
    const rows = stdout.split('\n').filter((line) => line.startsWith('| rankstream |'));
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatch(/^\| rankstream \| 100\.0% \/ 0 (\| 0\.0% \/ \d\.\de-8 \/ 1\.00x ){3}\| 0\.0% \|$/);
  },
  postprocess(stdout) {
    expect(last(stdout, 're-ranking 6 x 10')).toBe('at least 0.90x');
    expect(stdout).toMatch(/re-ranking 6 x 10 +\d+ pairs\/s +\d+ pairs\/s \(model alone, batch \d+\) +\d+\.\d\dx/);
    expect(last(stdout, 'search and re-ranking 60 x 2')).toBe('at most 1.10x');
    expect(last(stdout, 'k-reciprocal, seconds')).toBe('at least 5x');
    expect(stdout).toMatch(/k-reciprocal, map@100 +0\.\d{4} /);
    expect(last(stdout, '10 fusions of 2 runs of 600 x 100')).toBe('at least 5.00x');
  },
  inference(stdout) {
    const tables = stdout.split(/^(?=\w+: \d+ .*, \d+ threads; smallest of \d+$)/m).slice(1);
    expect(tables.map((table) => table.split(',')[0])).toEqual([
      'icons: 50 PNG of 64 x 64',
      'drawings: 50 SVG drawn at 64 x 64',
      'photos: 7 JPEG of 500 x 375',
      expect.stringMatching(/^texts: 50 texts/),
    ]);
    for (const table of tables) {
      expect(cells(table, 'rankstream extract').slice(1)).toEqual([
        expect.stringMatching(/^\d+ items\/s$/),
        expect.stringMatching(/^\d\.\d\dx$/),
        expect.stringMatching(/^\d+\.\d\d ms$/),
        expect.stringMatching(/^\d+ MB$/),
      ]);
    }
    expect(stdout).toMatch(/^texts +500 +\d+ MB +\d\.\d\dx$/m);
  },
  memory(stdout) {
    expect(last(stdout, '100 queries')).toBe('1.00x');
    expect(last(stdout, '1000 queries')).toMatch(/^\d\.\d\dx$/);
  },
  metrics(stdout) {
    expect(last(stdout, 'rankstream')).toMatch(/^\d+ MB$/);
    // Two of the six relevant documents are retrieved.
    expect(Number(last(stdout, 'R@100'))).toBeCloseTo(1 / 3, 6);
    expect(Number(last(stdout, 'nDCG@100'))).toBeGreaterThan(0);
  },
  trec(stdout) {
    expect(stdout).toMatch(/^600 queries x 100 documents/m);
    expect(last(stdout, 'rankstream')).toMatch(/^\d+ MB$/);
  },
  verification(stdout) {
    for (const row of ['search', 'all pairs']) expect(last(stdout, row)).toMatch(/^\d+ MB$/);
    expect(stdout).toMatch(/passes over them: 1, fnmr@fmr=0\.1 0\.\d+/);
  },
  large(stdout) {
    expect(last(stdout, 'streamed in 1 GB')).toMatch(/^\d+ MB$/);
    expect(stdout).toContain('40 queries compared, 0 with different bytes');
  },
  issue562(stdout) {
    expect(last(stdout, 'peak RSS')).toMatch(/^\d+ MB$/);
    expect(Number(last(stdout, 'cmc@1'))).toBeGreaterThan(0.5);
  },
};

/** Speed, peak, and peak above the vectors. */
function columns(...more: string[]) {
  return [/^\d+\.\d\dx$/, /^\d+ MB$/, /^\d+ MB$/].map((form) => expect.stringMatching(form)).concat(more);
}

describe('bench', () => {
  it('has the commands of its page', () => {
    expect(new Set(commands.map(nameOf))).toEqual(new Set(Object.keys(CHECKS)));
  });

  it.each(commands)('%s', async (command) => {
    const name = nameOf(command);
    const rounds = ['search', 'growth'].includes(name) ? '--rounds 1' : '';
    const { status, stdout, stderr } = await run('bash', ['-c', `${command} --scale 0.01 ${rounds}`], { cwd: ROOT });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/node v\d+.*onnxruntime-node \d/);
    CHECKS[name](stdout);
  });

  it.each([
    ['--scale', '2', 'give a number above 0, at most 1'],
    ['--case', 'products,shelf', '"shelf" is none of products, self'],
  ])('tells of a wrong %s in one line', async (option, value, message) => {
    const { status, stderr } = await run('npm', ['run', '-s', 'bench', '--', 'search', option, value], { cwd: ROOT });
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
