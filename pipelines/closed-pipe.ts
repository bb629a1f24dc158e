/** Ends the process where nobody reads its output any more: a reader that has seen enough (`| head`) is no error. */
export function exitWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}
