import * as z from 'zod/mini';
import { onlyKnown } from './field-messages.ts';
import { MAX_WAIT_SECONDS } from './limits.ts';
import { parseWith, type Parsed } from './parsed.ts';

const waitRule = { error: `wait must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}.` };

export const waitQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      wait: z._default(
        z.pipe(
          z.string(waitRule).check(
            z.regex(/^\d{1,2}$/, waitRule),
            z.refine((text) => Number(text) <= MAX_WAIT_SECONDS, waitRule),
          ),
          z.transform(Number),
        ),
        0,
      ),
    },
    onlyKnown('The query', 'query parameter', 'Known parameter: wait.'),
  ))();

/** The query of `GET /v1/generations/{id}`. */
export interface WaitQuery {
  /** Seconds to wait for the generation to end: 0 (the default) to 60. */
  wait: number;
}

/** Parses the query of `GET /v1/generations/{id}`: `wait`, in seconds, from 0 (the default) to 60. */
export function parseWaitQuery(input: unknown): Parsed<WaitQuery> {
  return parseWith(waitQuery, input);
}
