import { DELIVERY_STATES, MAX_WEBHOOKS } from '@wan-image/core';
import {
  BODY_ERRORS,
  emptyResponse,
  errorResponse,
  ID_PARAMETER,
  jsonBody,
  jsonResponse,
  keyErrors,
  keyWith,
  PAGE_PARAMETERS,
  PROJECT_PARAMETER,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';

const COMMON = { tags: [TAGS.webhooks], security: keyWith('manage') } satisfies Partial<Operation>;

const invalidQuery = errorResponse('A query parameter is unknown or invalid; `param` names it.');
const noWebhook = errorResponse('No webhook of the project has this id.');
const noDelivery = errorResponse('No delivery of the project has this id.');
const invalidBody = {
  ...BODY_ERRORS,
  400: errorResponse(
    'The body is not valid JSON, or a field is invalid; `param` names it. Or the `url` leads to an address that is not on the public internet.',
  ),
};

/** What tells endpoints what happens to generations. */
export const WEBHOOK_PATHS: Paths = {
  '/v1/webhooks': {
    post: {
      ...COMMON,
      operationId: 'createWebhook',
      summary: 'Create a webhook',
      description: `Events are sent as POST requests with \`{ type, timestamp, data }\`, signed as Standard Webhooks 1.0 says (\`webhook-id\`, \`webhook-timestamp\`, \`webhook-signature\`). Each is tried until the endpoint responds with a 2xx: ten times over three days. It may come twice, with the same \`webhook-id\`, and the order is not promised. Only this response and that of a rotation contain the secret. A project has at most ${MAX_WEBHOOKS} webhooks.`,
      requestBody: jsonBody('CreateWebhookRequest'),
      responses: {
        201: jsonResponse('The webhook and its secret.', 'WebhookWithSecret'),
        ...invalidBody,
        409: errorResponse(`The project has ${MAX_WEBHOOKS} webhooks: delete one first.`),
        ...keyErrors('manage'),
      },
    },
    get: {
      ...COMMON,
      operationId: 'listWebhooks',
      summary: 'List webhooks',
      description: 'Newest first, without their secrets.',
      parameters: [...PAGE_PARAMETERS, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('A page of webhooks.', 'WebhookList'),
        400: invalidQuery,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/webhooks/{id}': {
    get: {
      ...COMMON,
      operationId: 'getWebhook',
      summary: 'Get a webhook',
      parameters: [ID_PARAMETER, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('The webhook, without its secret.', 'Webhook'),
        400: invalidQuery,
        404: noWebhook,
        ...keyErrors('manage'),
      },
    },
    patch: {
      ...COMMON,
      operationId: 'updateWebhook',
      summary: 'Change, disable or enable a webhook',
      description:
        'The body is a JSON merge patch: what is absent stays as it is. `{"enabled": false}` ends deliveries that are pending; `{"enabled": true}` clears `disabled_reason`.',
      parameters: [ID_PARAMETER],
      requestBody: jsonBody('UpdateWebhookRequest'),
      responses: {
        200: jsonResponse('The webhook.', 'Webhook'),
        ...invalidBody,
        404: noWebhook,
        ...keyErrors('manage'),
      },
    },
    delete: {
      ...COMMON,
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook',
      description: 'With all of its deliveries, those that are pending included.',
      parameters: [ID_PARAMETER],
      responses: {
        204: emptyResponse('It is deleted.'),
        400: invalidQuery,
        404: noWebhook,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/webhooks/{id}/rotate': {
    post: {
      ...COMMON,
      operationId: 'rotateWebhookSecret',
      summary: 'Give a webhook another secret',
      description:
        'For 24 hours, requests carry a signature with the new secret and one with the previous secret, so that a receiver can change at any time within them.',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The webhook and its new secret.', 'WebhookWithSecret'),
        ...BODY_ERRORS,
        404: noWebhook,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/webhooks/{id}/test': {
    post: {
      ...COMMON,
      operationId: 'testWebhook',
      summary: 'Send a test event',
      description:
        'Sends `{ "type": "webhook.test", "timestamp": …, "data": { "webhook_id": … } }` once, also if the webhook is disabled, and waits for the response for up to 20 s.',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('What came of it, also if the endpoint failed: see `state` and `reason`.', 'WebhookDelivery'),
        ...BODY_ERRORS,
        404: noWebhook,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/webhooks/{id}/deliveries': {
    get: {
      ...COMMON,
      operationId: 'listWebhookDeliveries',
      summary: 'List the deliveries of a webhook',
      description: 'Newest first. They are kept for 30 days.',
      parameters: [
        ID_PARAMETER,
        ...PAGE_PARAMETERS,
        {
          name: 'state',
          in: 'query',
          description: 'Only deliveries in this state.',
          schema: { type: 'string', enum: [...DELIVERY_STATES] },
        },
        PROJECT_PARAMETER,
      ],
      responses: {
        200: jsonResponse('A page of deliveries.', 'WebhookDeliveryList'),
        400: invalidQuery,
        404: noWebhook,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/deliveries/{id}/redeliver': {
    post: {
      ...COMMON,
      operationId: 'redeliver',
      summary: 'Send an event once more',
      description:
        'With the same `webhook-id` and body, at once, and with all tries of the schedule. A receiver that has processed the event ignores it by its id.',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The delivery, pending again.', 'WebhookDelivery'),
        ...BODY_ERRORS,
        404: noDelivery,
        409: errorResponse('The delivery is pending anyway, or its webhook is disabled: enable it first.'),
        ...keyErrors('manage'),
      },
    },
  },
};
