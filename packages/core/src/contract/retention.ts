import * as z from 'zod/mini';

const limit = z.nullable(z.int());
const matched = z.object({ matched: z.int(), bytes: z.int() });
const text = z.nullable(z.string());

const result = z.object({ images: z.int(), inputs: z.int(), records: z.int(), bin: z.int(), bytes: z.int() });

/** The policy of a project. */
export const retention = z.object({
  object: z.literal('retention'),
  images: z.object({ max_age_days: limit, max_bytes: limit }),
  inputs: z.object({ max_age_days: limit }),
  records: z.object({ max_age_days: limit, max_count: limit }),
  bin_days: limit,
  keep_favorites: z.boolean(),
  keep_tags: z.array(z.string()),
  updated_at: text,
  last_run: z.nullable(
    z.object({
      started_at: z.string(),
      finished_at: text,
      job_id: text,
      state: z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']),
      result: z.nullable(result),
    }),
  ),
});

/** What a policy would delete today. */
export const retentionPreview = z.object({
  object: z.literal('retention_preview'),
  images: matched,
  inputs: matched,
  records: matched,
  bin: matched,
  capped: z.boolean(),
});
