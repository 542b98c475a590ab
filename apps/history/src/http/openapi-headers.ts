import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = Extract<NonNullable<Operation['responses'][string]>, { description: string }>;
type Headers = NonNullable<Response['headers']>;

/** Every header of the API's responses that a client may act on. */
const DESCRIPTIONS = {
  'x-request-id':
    'The id of this request in the log of the service. If you send an `x-request-id` header, the service uses its value.',
  'wan-image-history':
    'The version of the service. It tells clients that a repeated `Idempotency-Key` is billed once here.',
  'x-generation-id': 'The id of the generation: its record is at `/v1/generations/{id}`.',
  'set-cookie': 'The cookie of the session.',
  'idempotent-replayed': '`true` if this is the response to an earlier request.',
  'x-ratelimit-limit-requests': 'Generations per minute that the API key may start. Absent if the key has no limit.',
  'x-ratelimit-remaining-requests': 'Generations that the API key may start now.',
  'x-ratelimit-reset-requests': 'Time until the full limit is available again, such as `12s`.',
  warning:
    'One value for each parameter that was translated, dropped, or sent to the upstream although this API does not define it, such as `299 - "model gpt-image-1 taken as wan2.7-image"`. See `adapted` and `dropped` of the record.',
  location: 'The path of the record.',
  'preference-applied': '`respond-async`.',
  'retry-after': 'Seconds to wait before you retry.',
  'x-should-retry':
    '`false` if the request may have been billed or would fail again. OpenAI SDKs then do not retry by themselves.',
  'www-authenticate': '`Bearer`.',
  'accept-ranges': '`bytes`, or `none` while the image is not stored yet.',
  'content-range': 'The range that was sent and the size of the file, such as `bytes 0-9/1482133`.',
  etag: 'The SHA-256 of the file.',
  'content-disposition':
    'Suggests a file name, such as `2026-11-27 a-cat-on-a-windowsill 0.png`. The words of the prompt are in it only if the request may read the record: for a signed URL without an API key, it is `2026-11-27 08.15.32 wan-image 0.png`.',
} as const;

export type HeaderName = keyof typeof DESCRIPTIONS;

export const HEADER_NAMES = Object.keys(DESCRIPTIONS) as readonly HeaderName[];

export interface HeaderUse {
  /** Present in every response of the status. */
  readonly always?: readonly HeaderName[];
  /** Present where its description applies. */
  readonly sometimes?: readonly HeaderName[];
}

export const RATE_LIMIT_HEADERS = [
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
] as const satisfies readonly HeaderName[];

/** In every response. */
const EVERYWHERE: readonly HeaderName[] = ['x-request-id', 'wan-image-history'];

/** Each header once: responses refer to it, unless they always have it. */
export const HEADER_COMPONENTS: Headers = Object.fromEntries(
  HEADER_NAMES.map((name) => [name, header(name, EVERYWHERE.includes(name))]),
);

/** The headers of a response, with those of every response. */
export function headersOf({ always = [], sometimes = [] }: HeaderUse): Headers {
  const shared = (name: HeaderName): [string, Headers[string]] => [name, { $ref: `#/components/headers/${name}` }];
  return Object.fromEntries([
    ...EVERYWHERE.map(shared),
    ...always.map((name): [string, Headers[string]] => [name, header(name, true)]),
    ...sometimes.map(shared),
  ]);
}

function header(name: HeaderName, required: boolean): Headers[string] {
  return { description: DESCRIPTIONS[name], required, schema: { type: 'string' } };
}
