import { distance as editDistance } from 'fastest-levenshtein';

/**
 * A mistake in what the user gave: bad data, a wrong option, a missing file. The message is one line that says what is wrong, where
 * (file, row, column) and what to do; the CLI prints it alone and exits with status 2. Everything else that is thrown is our own bug.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(message: string, options?: ErrorOptions) {
    // Names and values out of damaged files may hold anything: it stays one line, and no terminal obeys it.
    super(message.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, escaped), options);
  }
}

function escaped(character: string): string {
  const quoted = JSON.stringify(character).slice(1, -1);
  return quoted === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : quoted;
}

/** The first line of any error's message: what others throw may go on for pages. */
export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0];
}

/** Ends a message with the nearest known name, when one is near: `unknown metric "cmcc@1"; did you mean "cmc@1"?` */
export function didYouMean(name: string, known: Iterable<string>): string {
  let best: string | undefined;
  // Two letters that changed places are two edits.
  let bestDistance = name.length < 4 ? 2 : Math.max(3, Math.floor(name.length / 2));
  for (const candidate of known) {
    const d = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best === undefined ? '' : `; did you mean "${best}"?`;
}
