import type * as z from 'zod/mini';
import { describeValue } from './describe-value.ts';

/** The message for a value of the wrong type or out of range: `rule` says what is allowed. */
export function must(rule: string): { error: (issue: { readonly input?: unknown }) => string } {
  return { error: (issue) => `${rule}, got ${describeValue(issue.input)}.` };
}

/** The messages of a strict object: `whole` names the object, `noun` one of its keys; `remedy` follows the unknown keys. */
export function onlyKnown(
  whole: string,
  noun: string,
  remedy: string,
): { error: (issue: z.core.$ZodRawIssue) => string } {
  return {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys')
        return `${whole} must be a JSON object, got ${describeValue(issue.input)}.`;
      return `Unknown ${noun} ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}. ${remedy}`;
    },
  };
}
