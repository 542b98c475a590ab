import * as z from 'zod/mini';

const STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;

/** Long work of the service, such as a bulk change over a filter. */
export const backgroundJob = z.object({
  id: z.string(),
  object: z.literal('job'),
  /** What it does: `bulk`, `reindex`, `statistics` or `retention`. A later version may have others. */
  kind: z.string(),
  state: z.enum(STATES),
  /** How many generations it is through with. */
  done: z.int(),
  /** How many there are; null if that is not known. */
  total: z.nullable(z.int()),
  /** Null until it has succeeded. */
  result: z.nullable(z.looseObject({})),
  error: z.nullable(
    z.object({ type: z.string(), code: z.nullable(z.string()), message: z.string(), param: z.nullable(z.string()) }),
  ),
  created_at: z.string(),
  finished_at: z.nullable(z.string()),
});

export const backgroundJobList = z.object({
  object: z.literal('list'),
  /** The newest 100. */
  data: z.array(backgroundJob),
});
