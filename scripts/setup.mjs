// Makes a clone ready to run: installs when node_modules is missing or older than the lockfile, builds when a source changed.
// Runs before `npm start`, `npm test` and the other scripts, so that no set-up step has to be remembered.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const mtime = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

function run(command, args) {
  // What the set-up prints goes to stderr: stdout belongs to the command that follows (`--json`, Arrow on a pipe).
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

if (mtime('node_modules/.package-lock.json') < mtime('package-lock.json')) run('npm', ['ci', '--no-audit', '--no-fund']);

const newestSource = Math.max(
  mtime('package-lock.json'),
  mtime('tsconfig.json'),
  mtime('scripts/build.mjs'),
  ...['src', 'operators', 'pipelines', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => mtime(join(folder, file))),
  ),
);
if (mtime('dist/.built') < newestSource) run(process.execPath, ['scripts/build.mjs']);
