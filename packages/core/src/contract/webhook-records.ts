import * as z from 'zod/mini';
import { DELIVERY_STATES } from './webhook-rules.ts';

export const webhookRecord = /* @__PURE__ */ (() =>
  z.object({
    /** UUID v7, so ids sort by time. */
    id: z.string(),
    object: z.literal('webhook'),
    url: z.string(),
    /** A later version may have others. */
    events: z.array(z.string()),
    description: z.nullable(z.string()),
    enabled: z.boolean(),
    /** Why the service disabled it; null if it did not. */
    disabled_reason: z.nullable(z.string()),
    created_at: z.string(),
  }))();

/** The response to creating a webhook, and to rotating its secret: the only ones that contain the secret. */
export const webhookWithSecret = /* @__PURE__ */ (() => z.object({ ...webhookRecord.shape, secret: z.string() }))();

export const webhookList = /* @__PURE__ */ (() =>
  z.object({
    object: z.literal('list'),
    /** Newest first. */
    data: z.array(webhookRecord),
    has_more: z.boolean(),
    next_cursor: z.nullable(z.string()),
  }))();

export const webhookDelivery = /* @__PURE__ */ (() =>
  z.object({
    /** UUID v7, so ids sort by time. */
    id: z.string(),
    object: z.literal('webhook_delivery'),
    webhook_id: z.string(),
    /** The header `webhook-id`. */
    event_id: z.string(),
    type: z.string(),
    /** Null for a test. */
    generation_id: z.nullable(z.string()),
    state: z.enum(DELIVERY_STATES),
    /** Why the last try failed, or why there will be no more; null if there is nothing to tell. */
    reason: z.nullable(z.string()),
    attempts: z.int(),
    response_status: z.nullable(z.int()),
    response_body: z.nullable(z.string()),
    created_at: z.string(),
    attempted_at: z.nullable(z.string()),
    next_attempt_at: z.nullable(z.string()),
    delivered_at: z.nullable(z.string()),
  }))();

export const webhookDeliveryList = /* @__PURE__ */ (() =>
  z.object({
    object: z.literal('list'),
    /** Newest first. */
    data: z.array(webhookDelivery),
    has_more: z.boolean(),
    next_cursor: z.nullable(z.string()),
  }))();
