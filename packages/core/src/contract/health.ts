import * as z from 'zod/mini';

const check = z.enum(['ok', 'failed']);

/** The body of `GET /healthz`. */
export const liveness = z.object({ status: z.literal('ok') });
export type Liveness = z.infer<typeof liveness>;

/** The body of `GET /readyz`, with 200 when all checks are `ok` and with 503 otherwise. */
export const readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  /** The upstream is not among them: a request to it costs money, and restarting the service does not repair it. */
  checks: z.object({ database: check, store: check, spool: check }),
});
export type Readiness = z.infer<typeof readiness>;
