/**
 * The built counterpart of a file that stands beside a module. Threads and WebAssembly always run from dist/, also when the module that
 * starts them is TypeScript source under test.
 * @param moduleUrl the module's `import.meta.url`
 * @param file name of the built file, for example `onnx-worker.js`
 */
export function built(moduleUrl: string, file: string): URL {
  const here = new URL(file, moduleUrl);
  if (!moduleUrl.endsWith('.ts')) return here;
  const at = here.pathname.lastIndexOf('/src/');
  here.pathname = `${here.pathname.slice(0, at)}/dist${here.pathname.slice(at)}`;
  return here;
}
