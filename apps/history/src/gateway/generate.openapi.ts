import {
  contractJsonSchemas,
  MAX_INPUT_IMAGES,
  MAX_METADATA_KEY_CHARACTERS,
  MAX_METADATA_PAIRS,
  MAX_METADATA_VALUE_CHARACTERS,
  MAX_USER_CHARACTERS,
  REQUEST_EXAMPLES,
  type JsonSchema,
} from '@wan-image/core';
import {
  ANY_KEY,
  contentResponse,
  errorResponse,
  ID_PARAMETER,
  jsonBody,
  jsonResponse,
  keyErrors,
  keyWith,
  schemaRef,
  TAGS,
  type Operation,
  type Paths,
  type ResponseObject,
  type Responses,
} from '../http/openapi.ts';
import { RATE_LIMIT_HEADERS, type HeaderUse } from '../http/openapi-headers.ts';

const SENT_HEADERS: HeaderUse = {
  always: ['x-generation-id'],
  sometimes: ['idempotent-replayed', 'warning', ...RATE_LIMIT_HEADERS],
};

/** Headers of an error that may occur after the request was recorded. */
const ERROR_HEADERS: HeaderUse = {
  sometimes: ['x-generation-id', 'idempotent-replayed', 'warning', 'x-should-retry', 'retry-after'],
};

const UPSTREAM_STATUS = 'of the upstream, with its status and message.';

const GENERATION_ERRORS: Responses = {
  ...keyErrors('generate'),
  400: errorResponse(
    'A parameter is invalid and `param` names it, or the upstream refused the prompt or an image. Nothing was billed.',
    ERROR_HEADERS,
  ),
  402: errorResponse(
    'The upstream account is out of credit, or the API key has reached its spend limit (`spend_limit_reached`). Nothing was billed.',
    ERROR_HEADERS,
  ),
  409: errorResponse(
    'The generation was canceled. `outcome` of its record says whether it may have been billed.',
    ERROR_HEADERS,
  ),
  410: errorResponse(
    'The images of the earlier request with this idempotency key are lost (`image_lost`), or were deleted (`generation_deleted`). To generate new ones, send a new key.',
    ERROR_HEADERS,
  ),
  408: errorResponse('The body arrived too slowly (`upload_too_slow`). Nothing was sent: send it again.'),
  413: errorResponse(
    'The body is larger than 260 MiB, or than 1 MiB without its images, has more than 1,000 keys, 10,000 values or 100 form parts, or expands to more than 100 times its compressed size.',
  ),
  415: errorResponse(
    'The content type is not application/json, or multipart/form-data where a form is accepted; or the content encoding is not gzip, deflate, br or zstd.',
  ),
  422: errorResponse(
    'The idempotency key was used for another request within 24 hours. Nothing was sent: use a new key.',
    { sometimes: ['warning'] },
  ),
  429: errorResponse(
    'The API key has reached its rate limit (`rate_limit_exceeded`, with the `x-ratelimit-` headers), or the upstream is busy. Nothing was billed: retry after `retry-after` seconds.',
    { sometimes: [...(ERROR_HEADERS.sometimes ?? []), ...RATE_LIMIT_HEADERS] },
  ),
  500: errorResponse(
    'An unexpected error. With `x-should-retry: false` the request may have been billed: check the record before you send it again.',
    ERROR_HEADERS,
  ),
  503: errorResponse(
    'The request was not sent: it could not be recorded or stored, too many uploads are in progress, the model has no price, or the service is shutting down. If the code is `still_running`, the earlier request has not ended: retry with the same idempotency key.',
    ERROR_HEADERS,
  ),
  502: errorResponse(
    'The upstream failed, sent a response that cannot be read, or refused the key of this service (`authentication`). With `x-should-retry: false` the request may have been billed: check the record before you send it again.',
    ERROR_HEADERS,
  ),
  504: errorResponse(
    'The upstream did not respond in time. The request may have been billed: check the record before you send it again.',
    ERROR_HEADERS,
  ),
  '4XX': errorResponse(`Another refusal ${UPSTREAM_STATUS}`, ERROR_HEADERS),
  '5XX': errorResponse(`Another failure ${UPSTREAM_STATUS}`, ERROR_HEADERS),
};

const MODELS_ERROR_HEADERS: HeaderUse = { sometimes: ['x-should-retry', 'retry-after'] };

const MODELS_ERRORS: Responses = {
  ...keyErrors(),
  402: errorResponse('The upstream account is out of credit.', MODELS_ERROR_HEADERS),
  429: errorResponse('The upstream is busy. Retry after `retry-after` seconds.', MODELS_ERROR_HEADERS),
  502: errorResponse(
    'The upstream failed, sent a response that cannot be read, or refused the key of this service (`authentication`).',
    MODELS_ERROR_HEADERS,
  ),
  504: errorResponse('The upstream did not respond in time. Try again.', MODELS_ERROR_HEADERS),
  '4XX': errorResponse(`Another refusal ${UPSTREAM_STATUS}`, MODELS_ERROR_HEADERS),
  '5XX': errorResponse(`Another failure ${UPSTREAM_STATUS}`, MODELS_ERROR_HEADERS),
};

const GENERATION_HEADERS = [
  {
    name: 'idempotency-key',
    in: 'header' as const,
    description:
      'A unique value for this request, such as a UUID. Sent again with the same key within 24 hours, the request gets the same response and is billed once. A request that was not billed releases its key.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  {
    name: 'prefer',
    in: 'header' as const,
    description: '`respond-async`: respond with 202 and the record at once, and generate in the background.',
    schema: { type: 'string' },
  },
  {
    name: 'x-wan-image-client',
    in: 'header' as const,
    description: 'The name of the client, recorded as `source`. Only the first 64 characters are kept.',
    schema: { type: 'string' },
  },
  {
    name: 'x-stainless-retry-count',
    in: 'header' as const,
    description:
      'Set by OpenAI SDKs when they retry. Without an idempotency key, such a retry gets the response of the request that it repeats, if that is in flight or was not received, and for two minutes the error of one whose outcome is unknown. Each response is handed to one retry.',
    schema: { type: 'string' },
  },
];

const ASYNC = jsonResponse(
  'The request has `prefer: respond-async`: the record of the queued generation.',
  'Generation',
  {
    always: ['x-generation-id', 'location', 'preference-applied'],
    sometimes: SENT_HEADERS.sometimes ?? [],
  },
);

/** The response of both routes: JSON, or events for a request with `stream: true`. */
function imagesOrEvents(event: string): ResponseObject {
  return contentResponse(
    `The images, as permanent URLs or as base64. Base64 is streamed from the first complete image on; if the upstream fails after that, the connection is closed before the end of the body. With \`stream: true\` OpenAI’s event stream: \`${event}\` for each image as it is stored, with \`b64_json\` or \`url\`, a comment line every 15 seconds, and \`error\` with the error’s JSON if it fails after its head was sent.`,
    {
      'application/json': { schema: schemaRef('GenerationResponse') },
      'text/event-stream': {
        schema: { type: 'string' },
        example: `event: ${event}\ndata: {"type":"${event}","created_at":1795397395,"url":"http://127.0.0.1:3000/images/019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071-0"}\n\n`,
      },
    },
    SENT_HEADERS,
  );
}

const COMMON = {
  tags: [TAGS.images],
  parameters: GENERATION_HEADERS,
  security: keyWith('generate'),
} satisfies Partial<Operation>;

const { edit } = REQUEST_EXAMPLES.GenerationRequest;

/** A page that offers a form fills each field with its own example. */
function withExample(name: string, property: JsonSchema): JsonSchema {
  const example = new Map<string, unknown>(Object.entries(edit.value)).get(name);
  return example === undefined ? property : { ...property, examples: [example], example };
}

/** Parameters that the service uses itself. */
const SERVICE_PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  user: {
    type: 'string',
    maxLength: MAX_USER_CHARACTERS,
    description: 'Your own reference. It is kept in the record, never sent upstream, and lists are filtered by it.',
  },
  metadata: {
    type: 'object',
    maxProperties: MAX_METADATA_PAIRS,
    additionalProperties: { type: 'string', maxLength: MAX_METADATA_VALUE_CHARACTERS },
    description: `Your own references: at most ${MAX_METADATA_PAIRS} pairs of strings, keys of 1 to ${MAX_METADATA_KEY_CHARACTERS} characters, values of at most ${MAX_METADATA_VALUE_CHARACTERS}. They are kept in the record, never sent upstream, and lists are filtered by them.`,
  },
};

/** The parameters of the contract, and those that the service uses itself; it also accepts parameters that it does not know. */
export function requestSchema(): JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> } {
  const { properties, additionalProperties: _, ...schema } = contractJsonSchemas().GenerationRequest;
  // An object schema always has `properties`.
  const own = properties as Readonly<Record<string, JsonSchema>>;
  return { ...schema, properties: { ...own, ...SERVICE_PARAMETERS } };
}

/** The same as form fields, with the images as files. */
function editForm(): JsonSchema {
  const { properties, ...schema } = requestSchema();
  return {
    ...schema,
    properties: {
      ...Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, withExample(name, property)])),
      image: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_INPUT_IMAGES,
        items: { type: 'string', format: 'binary' },
        description: 'The input images, as repeated fields named `image`, `image[]`, or `image[0]`, `image[1]`, …',
      },
    },
    required: ['model', 'prompt', 'image'],
  };
}

export const GATEWAY_PATHS: Paths = {
  '/v1/images/generations': {
    post: {
      ...COMMON,
      operationId: 'generateImages',
      summary: 'Generate or edit images',
      description:
        'The same parameters and response as AnyFast’s API. Every generation is recorded: `x-generation-id` names the record. Parameters that only OpenAI’s own models know are dropped, others that this API does not define are sent to the upstream unchanged; the `warning` header names both. An image under another name than `image`, or a mask, is refused.',
      requestBody: jsonBody('GenerationRequest'),
      responses: {
        200: imagesOrEvents('image_generation.completed'),
        202: ASYNC,
        ...GENERATION_ERRORS,
      },
    },
  },
  '/v1/generations/{id}/rerun': {
    post: {
      ...COMMON,
      operationId: 'rerunGeneration',
      summary: 'Make a generation again',
      description:
        'The request of an earlier generation, with other values where the body has them: headers, response, idempotency and spending are those of `POST /v1/images/generations`. `null` asks for the default of a parameter; of `seed`, for none. Input images come from their copies where the service has any, otherwise from their URLs.',
      parameters: [ID_PARAMETER, ...COMMON.parameters],
      requestBody: {
        required: false,
        content: {
          'application/json': {
            schema: { type: 'object', additionalProperties: true },
            examples: { seed: { summary: 'Another seed', value: { seed: 7 } } },
          },
        },
      },
      responses: {
        200: imagesOrEvents('image_generation.completed'),
        202: ASYNC,
        ...GENERATION_ERRORS,
        404: errorResponse('No generation of the project has this id.'),
        409: errorResponse(
          'The generation is in the bin (`generation_deleted`): restore it first. Or the new one was canceled: `outcome` of its record says whether it may have been billed.',
          { sometimes: ['x-generation-id', 'x-should-retry', 'idempotent-replayed', 'warning'] },
        ),
      },
    },
  },
  '/v1/images/edits': {
    post: {
      ...COMMON,
      operationId: 'editImages',
      summary: 'Edit images',
      description:
        'Like `POST /v1/images/generations`, with at least one input image, as OpenAI’s form or as JSON, with the images in `image`, or in `images` as OpenAI’s JSON has them. `mask` is not supported.',
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: editForm(),
            examples: { edit: { ...edit, value: { ...edit.value, image: 'fox.png' } } },
          },
          'application/json': {
            schema: { ...schemaRef('GenerationRequest'), type: 'object', required: ['image'] },
            examples: { edit },
          },
        },
      },
      responses: {
        200: imagesOrEvents('image_edit.completed'),
        202: ASYNC,
        ...GENERATION_ERRORS,
      },
    },
  },
  '/v1/models': {
    get: {
      operationId: 'listModels',
      summary: 'List models',
      description: 'The models of this API that the upstream offers, and the aliases configured for them.',
      tags: [TAGS.images],
      security: ANY_KEY,
      responses: {
        200: jsonResponse('The models.', 'ModelList'),
        ...MODELS_ERRORS,
      },
    },
  },
  '/v1/models/{id}': {
    get: {
      operationId: 'getModel',
      summary: 'Get a model',
      description: 'One model of the list, by its name or alias.',
      tags: [TAGS.images],
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'The name of a model or an alias.',
          schema: { type: 'string' },
        },
      ],
      security: ANY_KEY,
      responses: {
        200: jsonResponse('The model.', 'Model'),
        404: errorResponse(
          'The upstream does not offer this model (`model_not_found`). The message lists those it does.',
        ),
        ...MODELS_ERRORS,
      },
    },
  },
};
