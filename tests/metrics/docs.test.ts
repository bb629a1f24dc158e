import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../src/metrics/ir/parameters.js';
import { METRIC_FAMILIES, parseMetric } from '../../src/metrics/registry.js';
import { TREC_MEASURES } from '../../src/metrics/trec-names.js';
import { CLI, ROOT, run } from '../support/cli.js';
import { readmeBlocks } from '../support/readme.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
/** The entries of the page, without those that stand between the marks of verification. */
const entries = new Map(
  page
    .replace(/<!-- verification metrics: begin -->[\s\S]*<!-- verification metrics: end -->/, '')
    .split(/^### /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), text.replace(/^## [\s\S]*/m, '')]),
);

/** `AP[@k]` has the heading `AP`, `AP@k`. */
function heading(usage: string): string {
  const [bare, optional] = usage.split(/[[\]]/);
  return optional ? `\`${bare}\`, \`${bare}${optional}\`` : `\`${bare}\``;
}

describe('docs/metrics.md', () => {
  it('has every family of metrics, in the order of the registry, and no other', () => {
    expect([...entries.keys()]).toEqual(METRIC_FAMILIES.map(({ usage }) => heading(usage)));
  });

  it.each(METRIC_FAMILIES.map(({ usage, name }) => [name, heading(usage)]))(
    'tells of %s: formula, source, range, edge cases, other meanings',
    (_, head) => {
      const entry = entries.get(head) ?? '';
      expect(entry).toMatch(/\n {4}\S.* = .*\n/);
      for (const part of ['Source: ', 'Range: ', 'Edge cases: ', 'Elsewhere: ']) expect(entry).toContain(part);
    },
  );

  it.each(METRIC_FAMILIES.map(({ usage, name }) => [name, usage]))('tells which parameters %s takes', (name, usage) => {
    const documented = [...(/- Takes: ([^.:]*)/.exec(entries.get(heading(usage)) ?? '')?.[1] ?? '').matchAll(/`(\w+)`/g)].map(
      ([, parameter]) => parameter,
    );
    const at = usage.includes('@') ? '@1' : '';
    const taken = Object.entries(PARAMETERS).filter(([parameter, { usual }]) => {
      try {
        return parseMetric(`${name}(${parameter}=${usual})${at}`);
      } catch {
        return false;
      }
    });
    expect(documented).toEqual(taken.map(([parameter]) => parameter));
  });

  it('has the usual values of the parameters, and the names of trec_eval', () => {
    for (const [name, { usual }] of Object.entries(PARAMETERS)) {
      expect(page).toContain(`\`${name}=${typeof usual === 'string' ? `'${usual}'` : usual}\``);
    }
    for (const { trec, name } of TREC_MEASURES) {
      expect(page).toContain(`\`${trec}`);
      expect(page).toContain(`\`${name}`);
    }
  });

  it('shows a metric of anyone that runs, from an installed package, on the command line and in code', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
    const { vectors, label } = clusters(40, 4, 5);
    await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, { label, category: label.map((l) => `c${l}`) }));
    const [example] = readmeBlocks('js', 'docs/metrics.md');
    writeFileSync(join(folder, 'gain.mjs'), example);

    const command = readmeBlocks('bash', 'docs/metrics.md').find((block) => block.includes('gain.mjs')) as string;
    const line = command.trim().replace('rankstream', `"${process.execPath}" "${CLI}"`).replace('gain@5', 'gain@5,precision@5');
    const { status, stdout, stderr } = await run('bash', ['-c', `${line} --json`], { cwd: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { metrics, by } = JSON.parse(stdout);
    // There are 9 relevant items for each query, and 5 places: here the two agree.
    expect(metrics['gain@5']).toBeCloseTo(metrics['precision@5'], 12);
    expect(metrics['gain@5']).toBeGreaterThan(0.2);
    expect(Object.keys(by.category)).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(by.category.c0['gain@5']).toBeCloseTo(by.category.c0['precision@5'], 12);

    const [, inCode] = /`(await runEvaluate\(.*gain@5.*?\))`/.exec(page) ?? [];
    const imports = "import { runEvaluate } from 'rankstream/pipelines';\nimport './gain.mjs';\n";
    writeFileSync(join(folder, 'code.mjs'), `${imports}console.log(JSON.stringify((${inCode}).metrics));\n`);
    const code = await run(process.execPath, ['code.mjs'], { cwd: folder });
    expect({ ...code, bytes: undefined }).toEqual({ status: 0, stdout: `{"gain@5":${metrics['gain@5']}}\n`, stderr: '', bytes: undefined });
  });
});
