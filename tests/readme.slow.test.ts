import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, run } from './support/cli.js';
import { readmeBlocks } from './support/readme.js';

/** The README's commands, run in the clone as they stand. */
const lines = readmeBlocks('bash').flatMap((block) => block.trim().split('\n'));
const commands = lines.filter((line) => line.startsWith('npm run -s rankstream -- '));

describe('README', () => {
  beforeAll(async () => {
    const { status, stderr } = await run('npm', ['start'], { cwd: ROOT });
    expect(status, stderr).toBe(0);
    const [yaml] = readmeBlocks('yaml');
    const file = /^# (\S+)/.exec(yaml)?.[1] as string;
    mkdirSync(join(ROOT, 'out'), { recursive: true });
    writeFileSync(join(ROOT, file), yaml);
  });

  it('has commands, and every other line is one of the two that this suite is part of', () => {
    expect(commands.length).toBeGreaterThanOrEqual(6);
    expect(lines.filter((line) => !commands.includes(line))).toEqual(['npm start', 'npm test']);
  });

  it.each(commands)('%s', async (command) => {
    const { status, stdout, stderr } = await run('bash', ['-c', command], { cwd: ROOT });
    expect(status, stderr).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.length).toBeGreaterThan(0);
    if (command.includes('--json')) expect(JSON.parse(stdout).queries).toBe(3024);
  });
});
