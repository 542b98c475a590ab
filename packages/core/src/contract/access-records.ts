import * as z from 'zod/mini';
import { API_KEY_SCOPES, SPEND_PERIODS } from './access-rules.ts';

/** RFC 3339, UTC, milliseconds. */
const time = z.string();

/** A decimal number such as `12.50`: money is not stored as a floating-point number. */
const amount = z.string();

export const projectRecord = z.object({
  /** UUID v7, so ids sort by time. */
  id: z.string(),
  object: z.literal('project'),
  name: z.string(),
  created_at: time,
  /** When it was archived; null if it is in use. */
  archived_at: z.nullable(time),
});

export const projectList = z.object({
  object: z.literal('list'),
  /** Newest first. */
  data: z.array(projectRecord),
  has_more: z.boolean(),
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: z.nullable(z.string()),
});

export const apiKeyRecord = z.object({
  /** UUID v7, so ids sort by time. */
  id: z.string(),
  object: z.literal('api_key'),
  project_id: z.string(),
  name: z.string(),
  /** The beginning of the key; the complete key is shown once, when it is created. */
  prefix: z.string(),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  /** Generations per minute; null: no limit. */
  rate_limit: z.nullable(z.int()),
  /** Null: no limit. */
  spend_limit: z.nullable(
    z.object({
      amount,
      currency: z.string(),
      /** In UTC. `total` is never reset. */
      period: z.enum(SPEND_PERIODS),
      /** In the current period. A generation that may have been billed counts as spent. */
      spent: amount,
      /** Reserved for generations in flight. */
      reserved: amount,
      /** When the current period ends; null for `total`. */
      resets_at: z.nullable(time),
    }),
  ),
  /** Decimal amounts by currency, with a limit or without one. */
  spent: z.object({ total: z.record(z.string(), amount), this_month: z.record(z.string(), amount) }),
  created_at: time,
  expires_at: z.nullable(time),
  revoked_at: z.nullable(time),
  /** When it was archived; null if it was not. An archived key is refused until it is restored. */
  archived_at: z.nullable(time),
  /** Accurate to the minute. */
  last_used_at: z.nullable(time),
});

/** The response to creating a key, the only one that contains the key itself. */
export const createdApiKey = z.extend(apiKeyRecord, { key: z.string() });

export const apiKeyList = z.object({
  object: z.literal('list'),
  /** Newest first. */
  data: z.array(apiKeyRecord),
  has_more: z.boolean(),
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: z.nullable(z.string()),
});
