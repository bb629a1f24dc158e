// TypeScript to dist/, AssemblyScript kernels (*.as.ts) to WebAssembly beside them.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run('node_modules/typescript/bin/tsc', ['-p', '.']);
for (const file of readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.as.ts'))) {
  const output = join('dist/src', file.replace(/\.as\.ts$/, '.wasm'));
  const memory = ['--importMemory', '--sharedMemory', '--maximumMemory', '65536', '--noExportMemory'];
  run('node_modules/assemblyscript/bin/asc.js', [
    join('src', file),
    '-o',
    output,
    '-O3',
    '--runtime',
    'stub',
    '--enable',
    'simd,threads',
    ...memory,
  ]);
}
writeFileSync('dist/.built', '');
