import type * as z from 'zod/mini';
import { problemsOf, type Problem } from './problem.ts';

/** The result of every parse function: the value with its defaults filled in, or everything that is wrong with the input. */
export type Parsed<T> =
  /** `value` satisfies every rule. */
  | { readonly ok: true; readonly value: T }
  /** `problems` are all rules that the input breaks; there is at least one. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function parseWith<T>(schema: z.ZodMiniType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(input);
  return result.success ? { ok: true, value: result.data } : { ok: false, problems: problemsOf(result.error) };
}

/** The one problem of a value that is checked without a schema. */
export function invalid(param: string, message: string): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ param, message }] };
}
