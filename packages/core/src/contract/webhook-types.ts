import type { GenerationRecord } from './generation-types.ts';
import type { WebhookDeliveryState, WebhookEventType } from './webhook-rules.ts';

/** A URL of yours that the service tells what happens to generations. */
export interface WebhookRecord {
  /** UUID v7, so ids sort by time. */
  id: string;
  /** Always `webhook`. */
  object: 'webhook';
  /** Where events are sent. */
  url: string;
  /** The types of events that are sent: some of {@link WebhookEventType}, and of those of later versions. */
  events: string[];
  /** For people; null without one. */
  description: string | null;
  /** Whether events are sent. */
  enabled: boolean;
  /** Why the service disabled it; null if it did not. */
  disabled_reason: string | null;
  /** When it was created. */
  created_at: string;
}

/** The response to creating a webhook and to rotating its secret. No other one contains the secret. */
export interface WebhookWithSecret extends WebhookRecord {
  /** `whsec_` and base64: what requests are signed with. */
  secret: string;
}

/** A page of webhooks. */
export interface WebhookList {
  /** Always `list`. */
  object: 'list';
  /** Newest first. */
  data: WebhookRecord[];
  /** Whether another page follows. */
  has_more: boolean;
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
}

/** The body of `POST /v1/webhooks`. */
export interface CreateWebhookRequest {
  /** Where events are sent: http or https, up to 2,048 characters, without a user name, a password and a fragment. */
  url: string;
  /** One or more types. Default: all. */
  events?: WebhookEventType[] | undefined;
  /** Up to 500 characters. */
  description?: string | null | undefined;
  /** Default true. */
  enabled?: boolean | undefined;
}

/** The body of `PATCH /v1/webhooks/{id}`, a JSON merge patch: a field that is absent stays as it is. */
export interface UpdateWebhookRequest {
  /** As of a new one. */
  url?: string | undefined;
  /** One or more types. */
  events?: WebhookEventType[] | undefined;
  /** Up to 500 characters; null empties it. */
  description?: string | null | undefined;
  /** `true` also clears `disabled_reason`; `false` ends deliveries that are pending. */
  enabled?: boolean | undefined;
}

/** One event for one webhook. */
export interface WebhookDelivery {
  /** UUID v7, so ids sort by time. */
  id: string;
  /** Always `webhook_delivery`. */
  object: 'webhook_delivery';
  /** The id of its webhook. */
  webhook_id: string;
  /** The header `webhook-id`: the same for all tries and all webhooks. */
  event_id: string;
  /** The type of the event. */
  type: string;
  /** The generation that it is about; null for a test. */
  generation_id: string | null;
  /** Whether it was delivered, or will be tried again. */
  state: WebhookDeliveryState;
  /** Why the last try failed, or why there will be no more; null if there is nothing to tell. */
  reason: string | null;
  /** How often it was tried. */
  attempts: number;
  /** The HTTP status of the last response; null without one. */
  response_status: number | null;
  /** The first 1,024 bytes of the body of the last response, as text; null without a response. */
  response_body: string | null;
  /** When the event was handed to the webhook. */
  created_at: string;
  /** When it was tried last; null before the first try. */
  attempted_at: string | null;
  /** When it is tried next; null unless it is pending. */
  next_attempt_at: string | null;
  /** When the endpoint accepted it; null if it did not. */
  delivered_at: string | null;
}

/** A page of deliveries. */
export interface WebhookDeliveryList {
  /** Always `list`. */
  object: 'list';
  /** Newest first. */
  data: WebhookDelivery[];
  /** Whether another page follows. */
  has_more: boolean;
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
}

/** What an event tells of a generation that was deleted for good before its first try. */
export interface DeletedGeneration {
  /** The id of the generation. */
  id: string;
  /** Always true. */
  deleted: true;
}

/** The body of a request to a webhook. */
export type WebhookEvent =
  /** `data` is the record of the generation, with `state` and `outcome` as they were at the event. */
  | {
      type: Exclude<WebhookEventType, 'image.lost'>;
      /** When it happened. */
      timestamp: string;
      data: GenerationRecord | DeletedGeneration;
    }
  /** `data` is the record of the generation, and `image_id` the image that was lost. */
  | {
      type: 'image.lost';
      /** When it happened. */
      timestamp: string;
      data: (GenerationRecord & { image_id: string }) | DeletedGeneration;
    }
  /** Sent by `POST /v1/webhooks/{id}/test` only. */
  | { type: 'webhook.test'; timestamp: string; data: { webhook_id: string } };
