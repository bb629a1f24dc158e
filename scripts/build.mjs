// TypeScript to dist/, AssemblyScript kernels (*.as.ts) to WebAssembly beside them.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run('node_modules/typescript/bin/tsc', ['-p', '.']);
// The kernel that re-scores reads the gallery, which threads share; ONNX Runtime writes only into memory that is not shared, which is the scan's.
const KERNELS = {
  'src/search/canonical': ['--enable', 'simd,threads', '--sharedMemory', '--maximumMemory', '65536'],
  'src/search/scan': ['--enable', 'simd'],
  'src/search/tally': ['--enable', 'simd'],
  'src/metrics/scatter': ['--enable', 'simd'],
  'src/models/transforms/resample': ['--enable', 'simd'],
};
for (const [kernel, memory] of Object.entries(KERNELS)) {
  const common = ['-O3', '--runtime', 'stub', '--importMemory', '--noExportMemory'];
  run('node_modules/assemblyscript/bin/asc.js', [`${kernel}.as.ts`, '-o', `dist/${kernel}.wasm`, ...common, ...memory]);
}
writeFileSync('dist/.built', '');
