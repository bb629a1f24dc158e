import { existsSync, readFileSync } from 'node:fs';

/** Reference results of other tools, beside the repository on the project's own machines. */
const file = new URL('../../../shared/golden/oml.json', import.meta.url);

export const hasGolden = existsSync(file);

/** A case of OML's reference results; the fields depend on its kind. */
export interface GoldenCase {
  readonly kind: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

export function goldenCases(kind: string): GoldenCase[] {
  if (!hasGolden) return [];
  return (JSON.parse(readFileSync(file, 'utf8')).cases as GoldenCase[]).filter((one) => one.kind === kind);
}
