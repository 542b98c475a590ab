import type * as z from 'zod/mini';

/** One rule that an input breaks. */
export interface Problem {
  /** The field, with the index in a list (`image[1]`); null if no single field is at fault. */
  readonly param: string | null;
  /** Names the field, the limit and the remedy. Never contains the content of a data URI. */
  readonly message: string;
}

/** The problems of a failed parse, in the order of the schema's fields. */
export function problemsOf(error: z.core.$ZodError): Problem[] {
  return error.issues.map((issue) => ({ param: paramOf(issue), message: issue.message }));
}

function paramOf(issue: z.core.$ZodIssue): string | null {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  if (path.length === 0) return null;
  return path.reduce<string>((param, key) => {
    if (typeof key === 'number') return `${param}[${key}]`;
    return param === '' ? String(key) : `${param}.${String(key)}`;
  }, '');
}
