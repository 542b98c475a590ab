import * as z from 'zod/mini';
import { problemsOf, type Problem } from './problem.ts';

const message = 'outcome must be "billed" or "not_billed": what the bill of the upstream says.';

/** The body of `POST /v1/generations/{id}/resolve`: what a person found out about an unknown outcome. */
export const resolution = /* @__PURE__ */ (() =>
  z.strictObject({ outcome: z.enum(['billed', 'not_billed'], { error: message }) }, { error: () => message }))();

export type Resolution = z.output<typeof resolution>;

type ParsedResolution =
  | { readonly ok: true; readonly resolution: Resolution }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function parseResolution(input: unknown): ParsedResolution {
  const result = resolution.safeParse(input);
  if (result.success) return { ok: true, resolution: result.data };
  return { ok: false, problems: problemsOf(result.error) };
}
