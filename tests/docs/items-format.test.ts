import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { FILE_RULES, OPENING_RULES, RULES } from '../../src/datasets/check-rules.js';
import { readItems } from '../../src/datasets/format-open.js';
import { CLI, ROOT, run } from '../support/cli.js';
import { pageText, readmeBlocks } from '../support/readme.js';
import { temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();

const blocks = (title: string, language: string) => readmeBlocks(language, 'docs/items.md', title).join('');

const shell = (script: string) => run('bash', ['-c', `set -e\nPATH="${folder}:$PATH"\n${script}`], { cwd: folder });

beforeAll(async () => {
  for (const name of ['cat/1.png', 'cat/2.png', 'dog/1.png']) {
    mkdirSync(join(folder, 'pictures', name, '..'), { recursive: true });
    await sharp({ create: { width: 9, height: 9, channels: 3, background: 'gray' } }).toFile(join(folder, 'pictures', name));
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
  // The command as an installed package has it.
  writeFileSync(join(folder, 'rankstream'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(join(folder, 'rankstream'), 0o755);
});

describe('docs/items.md', () => {
  it('shows commands and code of the format and of converting that run as they stand', async () => {
    const converted = await shell(blocks('Converting data sets', 'bash'));
    expect(converted).toMatchObject({ status: 0, stderr: '' });
    expect(converted.stdout).toContain('3 items of 2 labels in pictures/items.csv (train: 0, validation: 3)');
    expect(converted.stdout).toContain('every rule is kept');
    await writeTable(join(folder, 'items.parquet'), ...(await readItems(join(folder, 'pictures/items.csv'))).table.batches);
    const checked = await shell(blocks('The format', 'bash'));
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    expect(checked.stdout).toContain('"validation": 3');
    writeFileSync(join(folder, 'snippet.mjs'), blocks('The format', 'ts'));
    expect(await run(process.execPath, ['snippet.mjs'], { cwd: folder })).toMatchObject({ status: 0, stdout: '3 of 3\n', stderr: '' });
  });

  it('has every rule', () => {
    const opening = new Set(OPENING_RULES.map(({ name }) => name));
    const lines = [...RULES, ...FILE_RULES].map(
      ({ name, says, warns }) => `- **${name}**${opening.has(name) ? ' (*)' : ''}: ${says}${warns ? ' (only warned of)' : ''}`,
    );
    expect(pageText('docs/items.md')).toContain(`\n${lines.join('\n')}\n`);
  });
});
