import * as z from 'zod/mini';
import { unknownFields } from './access-requests.ts';
import { NO_TEXT } from './client-reference.ts';
import { must } from './field-messages.ts';
import { parseListQuery, type ListQuery } from './list-query.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { problemsOf } from './problem.ts';
import {
  DELIVERY_STATES,
  MAX_WEBHOOK_DESCRIPTION_CHARACTERS,
  MAX_WEBHOOK_URL_CHARACTERS,
  WEBHOOK_EVENTS,
  type WebhookDeliveryState,
} from './webhook-rules.ts';
import type { CreateWebhookRequest, UpdateWebhookRequest } from './webhook-types.ts';

/** Never quotes the value: a URL may contain a password or a token. */
const urlRule = { error: 'url must be an http:// or https:// URL such as "https://example.com/hooks/wan".' };

/** As far as the language alone can tell. The service knows whether it is a URL. */
const URL_SHAPE = /^https?:\/\/[^\s/?#\\\p{Cc}\p{Cs}]+(?:[/?#][^\s\\\p{Cc}\p{Cs}]*)?$/iu;
const CREDENTIALS = /^https?:\/\/[^/?#]*@/i;

const urlField = /* @__PURE__ */ (() =>
  z.string(urlRule).check(
    z.maxLength(MAX_WEBHOOK_URL_CHARACTERS, {
      error: `url has more than ${MAX_WEBHOOK_URL_CHARACTERS} characters: shorten it.`,
    }),
    z.refine((text) => URL_SHAPE.test(text), urlRule),
    z.refine((text) => !CREDENTIALS.test(text), {
      error:
        'url has a user name or a password, which would be shown to everybody who reads it: put a token in its path, or verify the signature.',
    }),
    z.refine((text) => !text.includes('#'), {
      error: 'url has a fragment (#…), which is never sent: remove it.',
    }),
  ))();

const eventsRule = must(`events must be a list of one or more of ${WEBHOOK_EVENTS.join(', ')}`);
const eventsField = /* @__PURE__ */ (() =>
  z.array(z.enum(WEBHOOK_EVENTS, eventsRule), eventsRule).check(
    z.minLength(1, eventsRule),
    z.refine((events) => new Set(events).size === events.length, {
      error: 'events has a type twice: name each once.',
    }),
  ))();

const descriptionField = /* @__PURE__ */ (() =>
  z.nullable(
    z
      .string(must(`description must be a text of at most ${MAX_WEBHOOK_DESCRIPTION_CHARACTERS} characters, or null`))
      .check(
        z.refine((text) => Array.from(text).length <= MAX_WEBHOOK_DESCRIPTION_CHARACTERS, {
          error: `description has more than ${MAX_WEBHOOK_DESCRIPTION_CHARACTERS} characters: shorten it.`,
        }),
        z.refine((text) => !NO_TEXT.test(text), {
          error: 'description contains a NUL character or half of a surrogate pair: send plain text.',
        }),
      ),
  ))();

const enabledField = /* @__PURE__ */ (() => z.boolean(must('enabled must be true or false')))();

const FIELDS = ['url', 'events', 'description', 'enabled'] as const;

export const createWebhookRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      url: urlField,
      /** Default: all. */
      events: z.optional(eventsField),
      description: z.optional(descriptionField),
      /** Default: true. */
      enabled: z.optional(enabledField),
    },
    unknownFields(...FIELDS),
  ))();

/** A JSON merge patch: a field that is absent stays as it is. */
export const updateWebhookRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      url: z.optional(urlField),
      events: z.optional(eventsField),
      /** Null empties it. */
      description: z.optional(descriptionField),
      enabled: z.optional(enabledField),
    },
    unknownFields(...FIELDS),
  ))();

/** Parses the body of `POST /v1/webhooks`. */
export function parseCreateWebhook(input: unknown): Parsed<CreateWebhookRequest> {
  return parseWith(createWebhookRequest, input);
}

/** Parses the body of `PATCH /v1/webhooks/{id}`. */
export function parseUpdateWebhook(input: unknown): Parsed<UpdateWebhookRequest> {
  return parseWith(updateWebhookRequest, input);
}

/** The query of `GET /v1/webhooks/{id}/deliveries`. */
export interface DeliveryListQuery extends ListQuery {
  /** Only deliveries in this state; null: all. */
  readonly state: WebhookDeliveryState | null;
}

const stateField = /* @__PURE__ */ (() =>
  z.optional(z.enum(DELIVERY_STATES, must(`state must be one of ${DELIVERY_STATES.join(', ')}`))))();

type Query = Readonly<Record<string, unknown>>;

/** Parses the query of `GET /v1/webhooks/{id}/deliveries`: that of a list, and `state`. */
export function parseDeliveryListQuery({ state: text, ...page }: Query): Parsed<DeliveryListQuery> {
  const state = stateField.safeParse(text);
  const query = parseListQuery(page);
  if (state.success && query.ok) return { ok: true, value: { ...query.value, state: state.data ?? null } };
  const ofState = state.success ? [] : problemsOf(state.error).map(({ message }) => ({ param: 'state', message }));
  return { ok: false, problems: [...ofState, ...(query.ok ? [] : query.problems)] };
}
