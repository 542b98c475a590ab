import * as z from 'zod/mini';
import { parseWith, type Parsed } from './parsed.ts';

const message = 'outcome must be "billed" or "not_billed", as the invoice of the upstream says.';

const resolution = /* @__PURE__ */ (() =>
  z.strictObject({ outcome: z.enum(['billed', 'not_billed'], { error: message }) }, { error: () => message }))();

/** The body of `POST /v1/generations/{id}/resolve`: the outcome that a person found on the invoice of the upstream. */
export type Resolution = z.output<typeof resolution>;

export function parseResolution(input: unknown): Parsed<Resolution> {
  return parseWith(resolution, input);
}
