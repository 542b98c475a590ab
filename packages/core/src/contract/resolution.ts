import * as z from 'zod/mini';
import { parseWith, type Parsed } from './parsed.ts';

const message = 'outcome must be "billed" or "not_billed", as the invoice of the upstream says.';

export const resolution = /* @__PURE__ */ (() =>
  z.strictObject({ outcome: z.enum(['billed', 'not_billed'], { error: message }) }, { error: () => message }))();

/** The body of `POST /v1/generations/{id}/resolve`: what a person found on the invoice of the upstream. */
export interface Resolution {
  /** Whether the invoice has it. */
  outcome: 'billed' | 'not_billed';
}

/** Parses the body of `POST /v1/generations/{id}/resolve`. */
export function parseResolution(input: unknown): Parsed<Resolution> {
  return parseWith(resolution, input);
}
