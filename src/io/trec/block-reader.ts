/** Takes the blocks of lines of one format into the entries. */
export interface BlockReader {
  /** @returns the number of the line behind the block. @throws UserError naming file and line */
  block(bytes: Uint8Array, firstLine: number): number;
  /** @returns the run's name, where the file tells it */
  end(): string | undefined;
}
