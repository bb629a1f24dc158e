import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** all-MiniLM-L6-v2 with reference values of Python, beside the repository on the project's own machines. */
export const MINILM = fileURLToPath(new URL('../../../shared/models/minilm', import.meta.url));
export const hasMinilm = existsSync(MINILM);

export interface MinilmCase {
  readonly text: string;
  readonly input_ids: readonly number[];
  readonly embedding: readonly number[];
}

export function minilmCases(): readonly MinilmCase[] {
  return JSON.parse(readFileSync(`${MINILM}/reference.json`, 'utf8')).cases;
}
