import {
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  REQUEST_EXAMPLES,
  type ApiKeyScope,
  type ContractSchemaName,
} from '@wan-image/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { headersOf, type HeaderUse } from './openapi-headers.ts';

/** Shared parts of the OpenAPI files of the features. Schemas and examples come from the contract. */

export type Paths = OpenAPIObject['paths'];
export type Operation = NonNullable<Paths[string]['get']>;
export type Responses = Operation['responses'];
export type ResponseObject = Extract<NonNullable<Responses[string]>, { description: string }>;
type RequestBody = Extract<NonNullable<Operation['requestBody']>, { content: object }>;
type Content = NonNullable<ResponseObject['content']>;
type Parameter = Extract<NonNullable<Operation['parameters']>[number], { name: string }>;
type Security = NonNullable<Operation['security']>;

/** Path of the contract's schemas in the document. */
export const SCHEMA_PREFIX = '#/components/schemas/';

export const TAGS = {
  images: 'Images',
  history: 'History',
  library: 'Library',
  webhooks: 'Webhooks',
  access: 'Projects and API keys',
  service: 'Service',
} as const;

/** An API key with this scope. */
export const keyWith = (scope: ApiKeyScope): Security => [{ key: [scope] }];

export const ANY_KEY: Security = [{ key: [] }];
export const ADMIN_KEY: Security = [{ admin: [] }];
export const NO_KEY: Security = [];

export function schemaRef(name: ContractSchemaName): { readonly $ref: string } {
  return { $ref: SCHEMA_PREFIX + name };
}

export function jsonBody(name: keyof typeof REQUEST_EXAMPLES): RequestBody {
  const examples = { ...REQUEST_EXAMPLES[name] };
  return { required: true, content: { 'application/json': { schema: schemaRef(name), examples } } };
}

export function jsonResponse(description: string, name: ContractSchemaName, headers: HeaderUse = {}): ResponseObject {
  return contentResponse(description, { 'application/json': { schema: schemaRef(name) } }, headers);
}

export function errorResponse(description: string, headers: HeaderUse = {}): ResponseObject {
  return jsonResponse(description, 'Error', headers);
}

export function contentResponse(description: string, content: Content, headers: HeaderUse = {}): ResponseObject {
  return { description, headers: headersOf(headers), content };
}

export function emptyResponse(description: string, headers: HeaderUse = {}): ResponseObject {
  return { description, headers: headersOf(headers) };
}

export const FOREIGN =
  'the service runs without keys, and the request comes from a web page of another origin or names another host: set CORS_ORIGINS or PUBLIC_URL.';

/** The errors of every route. */
export const SERVICE_ERRORS = {
  403: errorResponse(sentence(FOREIGN)),
  500: errorResponse('An unexpected error. The log of the service has the details under the `x-request-id`.'),
  503: errorResponse('The service is shutting down. Retry after `retry-after` seconds.', {
    always: ['retry-after'],
  }),
};

/** The errors of a route that takes an API key. */
export function keyErrors(scope?: ApiKeyScope): Responses {
  return {
    ...SERVICE_ERRORS,
    401: errorResponse(
      'The API key is missing, invalid, revoked or expired. Send it as `Authorization: Bearer <key>`.',
      { always: ['www-authenticate'] },
    ),
    403: errorResponse(
      sentence(scope === undefined ? FOREIGN : `the API key lacks the scope \`${scope}\`; or ${FOREIGN}`),
    ),
    503: errorResponse(
      'The service is shutting down, or cannot reach its database to check the API key. Retry after `retry-after` seconds.',
      { always: ['retry-after'] },
    ),
  };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The errors of a route that takes a small JSON body. */
export const BODY_ERRORS: Responses = {
  400: errorResponse('The body is not valid JSON, or a field is invalid; `param` names it.'),
  408: errorResponse('The body arrived too slowly (`upload_too_slow`), and nothing was done. Send it again.'),
  413: errorResponse('The body is larger than 1 MiB, has too many keys or values, or expands too much.'),
  415: errorResponse('The content type is not application/json, or the content encoding is not supported.'),
};

export const ID_PARAMETER: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The `id` of the record.',
  schema: { type: 'string', format: 'uuid' },
};

export const IMAGE_ID_PARAMETER: Parameter = {
  name: 'image_id',
  in: 'path',
  required: true,
  description: 'The `id` of a generated image.',
  schema: { type: 'string' },
};

/** Of every read of the history. */
export const PROJECT_PARAMETER: Parameter = {
  name: 'project_id',
  in: 'query',
  description:
    'The project to read, or `all`. Requires the admin key, unless it is the project of the API key. Default: the project of the API key; the default project with the admin key.',
  schema: {
    anyOf: [
      { type: 'string', format: 'uuid' },
      { type: 'string', enum: ['all'] },
    ],
  },
};

export const PAGE_PARAMETERS: readonly Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    description: 'The number of records per page.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE },
  },
  {
    name: 'cursor',
    in: 'query',
    description: 'The `next_cursor` of the previous page.',
    schema: { type: 'string', format: 'uuid' },
  },
];
