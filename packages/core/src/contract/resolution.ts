import * as z from 'zod/mini';
import { parseWith, type Parsed } from './parsed.ts';

const message = 'outcome must be "billed" or "not_billed": what the bill of the upstream says.';

const resolution = /* @__PURE__ */ (() =>
  z.strictObject({ outcome: z.enum(['billed', 'not_billed'], { error: message }) }, { error: () => message }))();

/** The body of `POST /v1/generations/{id}/resolve`: what a person found out about an unknown outcome. */
export type Resolution = z.output<typeof resolution>;

export function parseResolution(input: unknown): Parsed<Resolution> {
  return parseWith(resolution, input);
}
