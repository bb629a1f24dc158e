/**
 * What ONNX Runtime says of a failure, in one line without the place in its source:
 * `/onnxruntime_src/.../webgpu_context.cc:136 onnxruntime::... was false. Failed to get a WebGPU adapter` is `Failed to get a WebGPU adapter`.
 */
export function onnxCause(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const line = message.split('\n', 1)[0];
  return /\/\S+:\d+ .*? was false\. (.+)$/.exec(line)?.[1] ?? line;
}
