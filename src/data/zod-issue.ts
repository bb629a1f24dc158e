import type { z } from 'zod';

/** Of several mistakes the one to tell: an unknown name first, for a name that is mistyped is also missing under its right one. */
export function issueToTell({ issues }: z.ZodError): z.core.$ZodIssue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
}
