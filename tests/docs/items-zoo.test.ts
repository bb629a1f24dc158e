import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runZoo } from '../../pipelines/index.js';
import { COLOURS, writePicture } from '../support/colours.js';
import { installIn } from '../support/installed.js';
import { pageText, readmeBlocks } from '../support/readme.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const { bash } = installIn(folder);
const [PAGE, TITLE] = ['docs/items.md', 'The zoo'];

describe('docs/items.md, The zoo', () => {
  it('has the table that the code has', async () => {
    const { models } = await runZoo();
    const rows = models.map(({ name, about, dim, files, licence, source, oml }) => {
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const size = `${bytes < 1e7 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
      const from = source.startsWith('https:') ? `[${source.slice('https://huggingface.co/'.length)}](${source})` : 'the package';
      return [`\`${name}\``, about, dim ?? 'pairs', size, licence, from, oml === null ? '' : `\`${oml}\``].join(' | ');
    });
    const lines = pageText(PAGE, TITLE)
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(
      lines.map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
          .join(' | '),
      ),
    ).toEqual(rows);
  });

  it('shows commands that run', async () => {
    await writePicture(join(folder, 'red.png'), COLOURS.red, 1);
    await writePicture(join(folder, 'blue.png'), COLOURS.blue, 2);
    writeFileSync(join(folder, 'items.csv'), 'label,split,is_query,is_gallery,path\n1,validation,1,1,red.png\n1,validation,1,1,blue.png\n');
    const cache = mkdtempSync(join(folder, 'cache-'));
    const { status, stdout, stderr } = await bash(`export RANKSTREAM_CACHE=${cache}\n${readmeBlocks('bash', PAGE, TITLE).join('')}`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('embeddings of 384 numbers');
    expect(stdout).toContain('2 items embedded');
  });
});
