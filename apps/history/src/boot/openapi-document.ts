import { contractJsonSchemas } from '@wan-image/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ACCESS_PATHS } from '../access/access.openapi.ts';
import { GENERATION_PATHS } from '../generations/generations.openapi.ts';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;

const json = (schema: string): object => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});

const error = (description: string): object => ({ description, ...json('Error') });

const GENERATION_ERRORS = {
  400: error(
    'The request breaks a rule, or a field is nested more than 100 levels deep; `param` names the field. Nothing was sent.',
  ),
  401: error('No API key, or a wrong one.'),
  402: error(
    'The upstream account cannot pay for it; or `spend_limit_reached`: the spend limit of the API key leaves no room for it, and nothing was sent.',
  ),
  403: error(
    'The API key lacks the scope `generate`; or the request comes from where it may not: another origin, or a name that is not of this service.',
  ),
  413: error('The body is too large: 260 MB in all, 1 MiB beside the images.'),
  415: error('The body is not application/json, nor, where that is taken, a form.'),
  422: error('The idempotency-key was used for another request. Nothing was sent.'),
  429: error(
    'The upstream is busy; or `rate_limit_exceeded`: the API key has had its generations of this minute, as the `x-ratelimit-` headers say. `retry-after` tells when to come back. Nothing was billed.',
  ),
  502: error(
    'The upstream failed or gave an answer that cannot be used. With `x-should-retry: false` it may have been billed.',
  ),
  503: error('The request could not be recorded or taken in now, so it was not sent.'),
  504: error('The time limit was over. It may have been billed.'),
};

const generationId = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', format: 'uuid' },
} as const;

const OPENING =
  'The URLs in replies and records are signed, permanent, and open the image without a key. Without a signature a key of the same project with the scope `read` is needed. Answers HEAD, ranges and `if-none-match`.';

const IMAGE_PARAMETERS = [
  { name: 'image_id', in: 'path', required: true, schema: { type: 'string' } },
  { name: 'key', in: 'query', description: 'Which key has signed.', schema: { type: 'string' } },
  {
    name: 'signature',
    in: 'query',
    description: 'As in the URL that was given out. One that is wrong is refused, also with an API key.',
    schema: { type: 'string' },
  },
  {
    name: 'width',
    in: 'query',
    description:
      'For a thumbnail of 160, 320, 640 or 1280 pixels: another width gets the next one up. WebP where `accept` names image/webp, else JPEG. An image that is no wider, or a BMP, comes as it is.',
    schema: { type: 'integer', minimum: 1, maximum: 99_999 },
  },
];

const VENDOR = 'The vendor’s API';
const HISTORY = 'History';
const SERVICE = 'Service';

const GENERATION_HEADERS = [
  {
    name: 'x-wan-image-client',
    in: 'header',
    description: 'Who asks, kept as `source`; at most 64 characters count.',
    schema: { type: 'string' },
  },
  {
    name: 'idempotency-key',
    in: 'header',
    description:
      'Of this request alone, such as a UUID. Sent again with the same key, it gets the same reply, for 24 hours, and is billed once. What cost nothing frees its key.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  {
    name: 'prefer',
    in: 'header',
    description: '`respond-async`: 202 at once with the record, and the queue makes the images.',
    schema: { type: 'string' },
  },
];

const FORM = {
  type: 'object',
  description:
    'The parameters of the JSON as texts, and the images as files: `image`, again and again, or `image[]`, or `image[0]`. There is no `mask`.',
  properties: {
    image: { type: 'array', minItems: 1, maxItems: 9, items: { type: 'string', format: 'binary' } },
    model: { type: 'string' },
    prompt: { type: 'string' },
  },
  required: ['image', 'model', 'prompt'],
  additionalProperties: { type: 'string' },
};

const PATHS: Paths = {
  '/v1/images/generations': {
    post: operation(
      'generateImages',
      'Make or edit images',
      'The same contract as the vendor, and every generation is kept. The header `x-generation-id` of the reply names its record.',
      {
        tags: [VENDOR],
        parameters: GENERATION_HEADERS,
        requestBody: { required: true, ...json('GenerationRequest') },
        responses: {
          200: {
            description:
              'The images, with permanent URLs or as base64. Base64 is streamed from the first whole image on; a failure after that cuts the connection.',
            ...json('GenerationResponse'),
          },
          202: {
            description: 'Asked with `prefer: respond-async`: the record, and `location`.',
            ...json('Generation'),
          },
          ...GENERATION_ERRORS,
        },
      },
    ),
  },
  '/v1/images/edits': {
    post: operation('editImages', 'Edit images', 'The same with at least one image, as OpenAI’s form or as JSON.', {
      tags: [VENDOR],
      parameters: GENERATION_HEADERS,
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': { schema: FORM },
          'application/json': { schema: { $ref: '#/components/schemas/GenerationRequest' } },
        },
      },
      responses: {
        200: { description: 'The images, with permanent URLs or as base64.', ...json('GenerationResponse') },
        ...GENERATION_ERRORS,
      },
    }),
  },
  '/v1/models': {
    get: operation(
      'listModels',
      'List the models',
      'The models of the contract that the upstream offers, and the other names that are set up for them.',
      {
        tags: [VENDOR],
        responses: {
          200: { description: 'The models.', ...json('ModelList') },
          401: error('No API key, or a wrong one.'),
        },
      },
    ),
  },
  '/v1/generations': {
    get: operation('listGenerations', 'List the history', 'Newest first.', {
      tags: [HISTORY],
      parameters: [
        {
          name: 'limit',
          in: 'query',
          description: 'How many records a page has.',
          schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
        },
        { name: 'cursor', in: 'query', description: '`next_cursor` of the page before.', schema: { type: 'string' } },
      ],
      responses: {
        200: { description: 'A page.', ...json('GenerationList') },
        400: error('A query parameter is wrong.'),
        401: error('No API key, or a wrong one.'),
        403: error('The API key lacks the scope `read`.'),
      },
    }),
  },
  '/v1/generations/{id}': {
    get: operation('getGeneration', 'Get one record', 'The request, its outcome and its images.', {
      tags: [HISTORY],
      parameters: [
        generationId,
        {
          name: 'wait',
          in: 'query',
          description: 'How many seconds to wait for the end.',
          schema: { type: 'integer', minimum: 0, maximum: 60, default: 0 },
        },
      ],
      responses: {
        200: { description: 'The record.', ...json('Generation') },
        401: error('No API key, or a wrong one.'),
        403: error('The API key lacks the scope `read`.'),
        404: error('There is no such record, or it is of another project.'),
      },
    }),
  },
  ...GENERATION_PATHS,
  '/images/{image_id}': {
    get: operation('getImage', 'Get the bytes of an image', OPENING, {
      tags: [HISTORY],
      parameters: IMAGE_PARAMETERS,
      security: [{}, { key: [] }],
      responses: {
        200: {
          description: 'The image, or its thumbnail.',
          content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
        },
        206: { description: 'A part of it.' },
        304: { description: 'It has not changed.' },
        400: error('The width is none.'),
        404: error(
          'There is no such image, or the signature is not right, or there is none and no key of its project that may read.',
        ),
        410: error('Its bytes are lost.'),
        416: error('The range lies outside.'),
        422: error('It cannot be decoded, so there is no thumbnail of it.'),
        503: error(
          'It could not be brought into the store yet, the store does not work, or too many thumbnails are being made; `retry-after` tells when to come back.',
        ),
      },
    }),
  },
  ...ACCESS_PATHS,
  '/healthz': { get: health('isAlive', 'Whether the process lives') },
  '/readyz': { get: health('isReady', 'Whether a generation can be recorded and its images kept') },
};

function operation(operationId: string, summary: string, description: string, rest: object): Operation {
  return { operationId, summary, description, responses: {}, ...rest };
}

function health(operationId: string, summary: string): Operation {
  return {
    operationId,
    summary,
    tags: [SERVICE],
    security: [],
    responses: { 200: { description: 'Yes.' }, 503: { description: 'No.' } },
  };
}

/** The API as OpenAPI 3.1; the schemas are derived from the contract's own. */
export function openapiDocument(): OpenAPIObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'wan-image history',
      version: '1',
      description: 'The Wan 2.7 image API of AnyFast, and a memory of everything made with it.',
    },
    servers: [{ url: '/' }],
    paths: PATHS,
    components: {
      // JSON Schema as zod derives it; OpenAPI 3.1 takes it as it is.
      schemas: contractJsonSchemas(),
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key of a project, with the scope that the route needs (`generate`, `read` or `manage`; for the models any), or ADMIN_API_KEY. A service on loopback without the latter takes any key or none.',
        },
      },
    },
    security: [{ key: [] }],
  };
}
