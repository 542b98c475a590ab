/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  'generation.succeeded',
  'generation.failed',
  'generation.canceled',
  'generation.resolved',
  'image.lost',
] as const;

/** What a webhook can be told of. `generation.resolved`: an outcome that was unknown is settled, or an end was replaced by the true one. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** The states of a delivery. */
export const DELIVERY_STATES = ['pending', 'delivered', 'undelivered'] as const;

/** `pending`: it is tried, or will be. `delivered`: the endpoint responded with a 2xx. `undelivered`: it is tried no more. */
export type WebhookDeliveryState = (typeof DELIVERY_STATES)[number];

/** Maximum number of webhooks of a project. */
export const MAX_WEBHOOKS = 20;

/** Maximum length of the URL of a webhook, in characters. */
export const MAX_WEBHOOK_URL_CHARACTERS = 2_048;

/** Maximum length of the description of a webhook, in Unicode code points. */
export const MAX_WEBHOOK_DESCRIPTION_CHARACTERS = 500;
