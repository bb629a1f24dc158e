/*
 * ONNX Runtime's library sends telemetry to Microsoft, and keeps files for it in the folders for caches and temporary files, unless this stands in the environment when
 * it is loaded. Embeddings of somebody's data are no business of others; who wants it sets ORT_DISABLE_TELEMETRY=0. Threads have copies of the environment, which the
 * library does not see: whatever starts one of them, or loads the library in the main thread, imports this first.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
