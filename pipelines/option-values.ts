import { z } from 'zod';
import { type ColumnNames, ROLES, type Role } from '../src/data/embedding-batch.js';

/* Values of options, as they come from the command line (texts) or from YAML. */

/** A positive integer. */
export const count = z.coerce.number('must be a positive integer').int('must be a positive integer').positive('must be a positive integer');
/** An integer from 0 on. */
export const wholeNumber = z.coerce.number('must be a whole number').int('must be a whole number').nonnegative('must be a whole number');
/** Names, as a list or separated by commas. */
export const names = z.union(
  [z.array(z.string()), z.string().transform((text) => text.split(',').map((name) => name.trim()))],
  'must be names, as a list or separated by commas',
);
/** Texts that are not taken apart, as a list or one. */
export const repeated = z.union(
  [z.array(z.string()), z.string().transform((text) => [text])],
  // Of YAML: `constant: 0.8`, with a blank, is a mapping.
  'must be a text or a list of texts (in quotes where a colon is followed by a blank)',
);
/** The parts of a text; an empty one is no number, where `Number` would make 0 of it. */
const numberTexts = (value: unknown) => (typeof value === 'string' ? value.split(',').map((part) => part.trim() || undefined) : value);
const row = z.coerce.number('must be query numbers').int('must be query numbers').nonnegative('must be query numbers');
/** Numbers of queries, as a list or separated by commas. */
export const rows = z.preprocess(numberTexts, z.array(row, 'must be query numbers'));
const weight = z.coerce.number('must be numbers');
/** Numbers, as a list or separated by commas. */
export const numbers = z.preprocess(numberTexts, z.array(weight, 'must be numbers'));

const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Bytes from `2GB`, `1.5 GiB`, `800MB`. */
export function byteSize(given: unknown, context: z.RefinementCtx): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?b)$/i.exec(String(given).trim()) ?? [];
  const bytes = Math.floor(Number(number) * UNITS[unit?.toLowerCase()]);
  if (!(bytes > 0)) context.addIssue({ code: 'custom', message: 'must be a size with its unit, for example 2GB or 512MiB' });
  return bytes;
}

/** The roles that columns play. */
export const ROLE_NAMES = Object.keys(ROLES).join(', ');

/** `role=name` pairs from flags, or a mapping from YAML. */
export function columnNames(given: unknown, context: z.RefinementCtx): ColumnNames {
  const pairs =
    typeof given === 'object' && !Array.isArray(given)
      ? Object.entries(given ?? {})
      : [given].flat().map((pair) => String(pair).split(/=(.*)/s));
  const mapping: ColumnNames = {};
  for (const [role, name] of pairs) {
    if (Object.hasOwn(ROLES, role) && name) mapping[role as Role] = String(name);
    else context.addIssue({ code: 'custom', message: `must be ROLE=NAME with a role of ${ROLE_NAMES}` });
  }
  return mapping;
}
