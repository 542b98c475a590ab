import * as z from 'zod/mini';

const check = z.enum(['ok', 'failed']);

/** The schema of a {@link Liveness}. */
export const liveness = z.object({
  status: z.literal('ok'),
  version: z.string(),
  commit: z.nullable(z.string()),
});
/** The body of `GET /healthz`. */
export interface Liveness {
  /** Always `ok`. */
  status: 'ok';
  /** The version of the service. */
  version: string;
  /** The Git commit that it was built from, with `-dirty` if files had been changed since; null if that is not known. */
  commit: string | null;
}

/** The schema of a {@link Readiness}. */
export const readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  /** The upstream is not among them: a request to it costs money, and restarting the service does not repair it. */
  checks: z.object({ database: check, store: check, spool: check }),
});
/** The body of `GET /readyz`, with 200 when all checks are `ok` and with 503 otherwise. */
export interface Readiness {
  /** `ready` if every check is `ok`. */
  status: 'ready' | 'not_ready';
  /** What a generation needs of this service. The upstream is not among them: it is another service. */
  checks: {
    /** Whether records can be written. */
    database: 'ok' | 'failed';
    /** Whether images can be stored. */
    store: 'ok' | 'failed';
    /** Whether images can be staged in DATA_DIR. */
    spool: 'ok' | 'failed';
  };
}
