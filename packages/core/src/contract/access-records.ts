import * as z from 'zod/mini';
import { API_KEY_SCOPES, SPEND_PERIODS } from './access-rules.ts';

/** RFC 3339, UTC, milliseconds. */
const time = z.string();

/** A decimal number, such as `12.50`: money is no floating point number. */
const amount = z.string();

export const projectRecord = z.object({
  /** UUID v7, so ids sort by time. */
  id: z.string(),
  object: z.literal('project'),
  name: z.string(),
  created_at: time,
});
export type ProjectRecord = z.infer<typeof projectRecord>;

export const projectList = z.object({
  object: z.literal('list'),
  /** Newest first. */
  data: z.array(projectRecord),
  has_more: z.boolean(),
  /** Give it as `cursor` to get what follows; null on the last page. */
  next_cursor: z.nullable(z.string()),
});
export type ProjectList = z.infer<typeof projectList>;

export const apiKeyRecord = z.object({
  /** UUID v7, so ids sort by time. */
  id: z.string(),
  object: z.literal('api_key'),
  project_id: z.string(),
  name: z.string(),
  /** How the key begins; the whole is shown once, when it is made. */
  prefix: z.string(),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  /** Generations a minute; null: no limit. */
  rate_limit: z.nullable(z.int()),
  /** Null: no limit. */
  spend_limit: z.nullable(
    z.object({
      amount,
      currency: z.string(),
      /** In UTC. `total` never begins anew. */
      period: z.enum(SPEND_PERIODS),
      /** Of the period under way. What may have been billed counts as spent. */
      spent: amount,
      /** Set aside for generations under way. */
      reserved: amount,
      /** When the next period begins; null for `total`. */
      resets_at: z.nullable(time),
    }),
  ),
  created_at: time,
  expires_at: z.nullable(time),
  revoked_at: z.nullable(time),
  /** To the minute. */
  last_used_at: z.nullable(time),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecord>;

/** The answer to the making of a key: the only one that has the key itself. */
export const createdApiKey = z.extend(apiKeyRecord, { key: z.string() });
export type CreatedApiKey = z.infer<typeof createdApiKey>;

export const apiKeyList = z.object({
  object: z.literal('list'),
  /** Newest first. */
  data: z.array(apiKeyRecord),
  has_more: z.boolean(),
  /** Give it as `cursor` to get what follows; null on the last page. */
  next_cursor: z.nullable(z.string()),
});
export type ApiKeyList = z.infer<typeof apiKeyList>;
