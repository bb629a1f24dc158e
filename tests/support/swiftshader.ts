import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/** SwiftShader, a Vulkan device in software, unpacked on the disk; `remove` deletes it. */
export interface SwiftShader {
  /** For a child process: the Vulkan loader must be on the library path before the process starts. */
  readonly env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

const WANTED = /^(libvulkan\.so\.1|libvk_swiftshader\.so|vk_swiftshader_icd\.json)$/;

/**
 * Unpacks the Vulkan loader and SwiftShader of the headless Chromium that comes as an npm package. The package's own way unpacks the whole
 * browser beside it (180 MB), under fixed names.
 */
export async function swiftShader(): Promise<SwiftShader> {
  const archive = createRequire(import.meta.url)
    .resolve('@sparticuz/chromium')
    .replace(/build\/.*$/, 'bin/swiftshader.tar.br');
  const directory = await mkdtemp(join(tmpdir(), 'rankstream-swiftshader-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const tar = await promisify(brotliDecompress)(await readFile(archive));
    for (const [name, bytes] of files(tar)) if (WANTED.test(name)) await writeFile(join(directory, name), bytes, { mode: 0o755 });
  } catch (error) {
    await remove();
    throw error;
  }
  const libraries = [directory, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return { env: { VK_DRIVER_FILES: join(directory, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: libraries }, remove };
}

/** The files of a tar archive: blocks of 512 bytes, a header (name at 0, size in octal at 124) and then the contents. */
function* files(tar: Buffer): Generator<[name: string, bytes: Buffer]> {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar
      .toString('latin1', at, at + 100)
      .replace(/\0.*$/s, '')
      .replace(/^\.\//, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    yield [name, tar.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
