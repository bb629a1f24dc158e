import { describe, expect, it } from 'vitest';
import * as operators from '../../operators/index.js';
import * as pipelines from '../../pipelines/index.js';
import { OPTIONS } from '../../pipelines/options.js';
import * as library from '../../src/index.js';
import { rankstream } from '../support/cli.js';
import { pageText } from '../support/readme.js';

const names = pageText('docs/from-oml.md', 'Names');
/** What stands in backticks in the right column of the tables. */
const ours = [...names.matchAll(/^\| .*\|([^|]+)\|$/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code));

describe('docs/from-oml.md', () => {
  it('names options and commands that there are', async () => {
    const commands = new Set(ours.flatMap((code) => /^rankstream (\w+)/.exec(code)?.[1] ?? []));
    expect(commands.size).toBeGreaterThan(4);
    const { stdout } = await rankstream(['--help']);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    const options = new Set(ours.flatMap((code) => [...code.matchAll(/(?<=^|\s)--([a-z-]+)/g)].map(([, name]) => name)));
    expect(options.size).toBeGreaterThan(10);
    const known: readonly string[] = Object.keys(OPTIONS);
    for (const option of options) expect(known).toContain(option.replace(/^no-/, ''));
  });

  it('names functions that are exported', () => {
    const exported = { ...library, ...operators, ...pipelines };
    const functions = ours.filter((code) => /^[a-z]+[A-Z]\w*$/.test(code));
    expect(functions.length).toBeGreaterThan(20);
    for (const name of functions) expect(Object.keys(exported), name).toContain(name);
    for (const name of ['search', 'embed', 'evaluate', 'evaluation', 'rerank', 'pcf', 'Gallery', 'EmbeddingMetrics', 'itemsFrom']) {
      expect(names).toMatch(new RegExp(`\`${name}\\b`));
      expect(Object.keys(exported)).toContain(name);
    }
  });

  it('lists the models of the zoo that OML has', () => {
    const table = names.split('\n### Zoo\n')[1];
    const rows = [...table.matchAll(/^\| `(.+?)` +\| `(.+?)` +\|$/gm)].map(([, oml, name]) => [oml, name]);
    expect(rows).toEqual(library.ZOO.flatMap(({ oml, name }) => (oml === undefined ? [] : [[oml, name]])));
  });
});
