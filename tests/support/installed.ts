import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, ROOT, type Run, run } from './cli.js';

/** Makes a folder in which the package is installed: its command is on the path of `bash`, and `import` finds it. */
export function installIn(folder: string): { bash(script: string): Promise<Run>; node(code: string): Promise<Run> } {
  writeFileSync(join(folder, 'rankstream'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(join(folder, 'rankstream'), 0o755);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
  return {
    bash: (script) => run('bash', ['-c', `set -e\nPATH="${folder}:$PATH"\n${script}`], { cwd: folder }),
    node: (code) => {
      writeFileSync(join(folder, 'example.mjs'), code);
      return run(process.execPath, ['example.mjs'], { cwd: folder });
    },
  };
}
