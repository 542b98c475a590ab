import {
  DEFAULT_IMAGE_PAGE_SIZE,
  DEFAULT_PAGE_SIZE,
  MAX_IMAGE_PAGE_SIZE,
  MAX_PAGE_SIZE,
  MAX_WAIT_SECONDS,
} from '@wan-image/core';
import {
  contentResponse,
  emptyResponse,
  errorResponse,
  ID_PARAMETER,
  IMAGE_ID_PARAMETER,
  jsonResponse,
  keyErrors,
  keyWith,
  PROJECT_PARAMETER,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';

const COMMON = { tags: [TAGS.history], security: keyWith('read') } satisfies Partial<Operation>;

const invalidQuery = errorResponse('A query parameter is unknown or invalid; `param` names it.');
const notFound = errorResponse('No generation of the project has this id.');

const tooManyWatchers = errorResponse(
  'Too many clients are watching generations (`too_many_watchers`), the service is shutting down, or it cannot reach its database to check the API key. Retry after `retry-after` seconds.',
  { always: ['retry-after'] },
);

const EVENTS = `Server-sent events:

- \`image\`: an image was stored or lost. The data is an \`Image\`.
- \`state\`: the state changed. The data is a \`GenerationStateChange\`.

The stream ends when the generation has ended and every image is stored or lost. To resume, send the last event id as \`last-event-id\`, as browsers do; any replica continues the stream.`;

const EVENT_EXAMPLE = `event: state
id: running
data: {"id":"019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071","state":"running","outcome":null,"error":null}

`;

type Parameters = NonNullable<Operation['parameters']>;

/** A parameter of a filter that may be repeated: one of its values, or all of them. */
const several = (name: string, items: object, description: string): Parameters[number] => ({
  name,
  in: 'query',
  description,
  explode: true,
  schema: { type: 'array', items, minItems: 1 },
});

const id = { type: 'string', format: 'uuid' };
const time = 'RFC 3339, or a date, which is its first moment in UTC';

/** What lists of generations and of images select. */
const FILTER_PARAMETERS: Parameters = [
  {
    name: 'q',
    in: 'query',
    description:
      'Words to find: each has to stand in the prompt, a revised prompt, the note or a tag. Any part of a text is found, in any script, from one character; full-width and half-width, upper and lower case are equal. Words are split at white space, except between quotes. At most 200 characters and 10 words.',
    schema: { type: 'string' },
    examples: { chinese: { value: '花店' }, quoted: { value: '"red fox" 雪' } },
  },
  several(
    'state',
    { type: 'string', enum: ['queued', 'running', 'succeeded', 'failed', 'canceled'] },
    'One of these. Repeat it for several.',
  ),
  several('outcome', { type: 'string', enum: ['billed', 'not_billed', 'unknown'] }, 'One of these.'),
  several('model', { type: 'string' }, 'One of these.'),
  several('source', { type: 'string' }, 'One of these.'),
  several('api_key', id, 'One of these ids of API keys.'),
  several('tag', { type: 'string', maxLength: 64 }, 'All of these.'),
  { name: 'favorite', in: 'query', description: 'With a favorite image.', schema: { type: 'string', enum: ['true'] } },
  {
    name: 'created_after',
    in: 'query',
    description: `Inclusive: ${time}.`,
    schema: { type: 'string' },
    example: '2026-11-01',
  },
  {
    name: 'created_before',
    in: 'query',
    description: `Exclusive: ${time}.`,
    schema: { type: 'string' },
    example: '2026-12-01T00:00:00Z',
  },
  {
    name: 'has_input_image',
    in: 'query',
    description: 'Made with input images, or without.',
    schema: { type: 'boolean' },
  },
  {
    name: 'derived_from',
    in: 'query',
    description: 'Made from this generation: a rerun of it, or an edit of one of its images.',
    schema: id,
  },
  { name: 'seed', in: 'query', description: 'As it was sent.', schema: { type: 'integer', minimum: 0 } },
  several('id', id, 'One of these: at most 1,000.'),
  {
    name: 'simulated',
    in: 'query',
    description: 'Made by the embedded simulator, or not.',
    schema: { type: 'boolean' },
  },
  {
    name: 'image_sha256',
    in: 'query',
    description: 'With an image, made or given, whose file has this SHA-256: the record of a file.',
    schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  {
    name: 'deleted',
    in: 'query',
    description: 'What is in the bin, and nothing else.',
    schema: { type: 'string', enum: ['true'] },
  },

  {
    name: 'user',
    in: 'query',
    description: 'Only generations whose request had this `user`.',
    schema: { type: 'string', minLength: 1, maxLength: 512 },
  },
  {
    name: 'metadata',
    in: 'query',
    style: 'deepObject',
    explode: true,
    description: 'Only generations whose request had all of these pairs in its `metadata`: `metadata[order]=4711`.',
    schema: { type: 'object', maxProperties: 16, additionalProperties: { type: 'string', maxLength: 512 } },
  },
];

/** The page of a filtered list. */
function pageOf(most: number, usual: number): Parameters {
  return [
    {
      name: 'limit',
      in: 'query',
      description: 'The number of records per page.',
      schema: { type: 'integer', minimum: 1, maximum: most, default: usual },
    },
    {
      name: 'cursor',
      in: 'query',
      description: 'The `next_cursor` of the previous page, with the same filter and order.',
      schema: { type: 'string' },
    },
    {
      name: 'order',
      in: 'query',
      description: 'Newest first (`desc`) or oldest first. A search (`q`) is newest first.',
      schema: { type: 'string', enum: ['desc', 'asc'], default: 'desc' },
    },
    {
      name: 'count',
      in: 'query',
      description: 'Whether to count what the filter selects, up to 1,000.',
      schema: { type: 'boolean', default: false },
    },
  ];
}

const searchTimeout = errorResponse(
  'The search or the list took too long (`search_timeout`, `list_timeout`): search for a longer word, or limit the time. Or the service is shutting down, or cannot reach its database.',
  { sometimes: ['retry-after'] },
);

/** Reading generations. */
export const GENERATION_PATHS: Paths = {
  '/v1/generations': {
    get: {
      ...COMMON,
      operationId: 'listGenerations',
      summary: 'List generations',
      description: 'All that a filter selects, newest first. All parts of the filter have to match.',
      parameters: [...pageOf(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE), ...FILTER_PARAMETERS, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('A page of generations.', 'GenerationList'),
        400: invalidQuery,
        ...keyErrors('read'),
        503: searchTimeout,
      },
    },
  },
  '/v1/images': {
    get: {
      ...COMMON,
      operationId: 'listImages',
      summary: 'List images',
      description:
        'The generated images of what a filter selects, one row each, for grids: the generations in their order, the images of each in theirs. `favorite`, `deleted` and `image_sha256` mean the image itself.',
      parameters: [...pageOf(MAX_IMAGE_PAGE_SIZE, DEFAULT_IMAGE_PAGE_SIZE), ...FILTER_PARAMETERS, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('A page of images.', 'ImageList'),
        400: invalidQuery,
        ...keyErrors('read'),
        503: searchTimeout,
      },
    },
  },
  '/v1/images/{image_id}': {
    get: {
      ...COMMON,
      operationId: 'getImageRecord',
      summary: 'Get the record of an image',
      parameters: [IMAGE_ID_PARAMETER, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('The image.', 'SingleImage'),
        404: errorResponse('No image of the project has this id.'),
        400: invalidQuery,
        ...keyErrors('read'),
      },
    },
  },
  '/v1/generations/{id}': {
    get: {
      ...COMMON,
      operationId: 'getGeneration',
      summary: 'Get a generation',
      description: 'The request, its outcome and its images.',
      parameters: [
        ID_PARAMETER,
        {
          name: 'wait',
          in: 'query',
          description:
            'Seconds to wait for the generation to end. The response is the record as it is by then, ended or not.',
          schema: { type: 'integer', minimum: 0, maximum: MAX_WAIT_SECONDS, default: 0 },
        },
        PROJECT_PARAMETER,
      ],
      responses: {
        200: jsonResponse('The generation.', 'Generation'),
        400: invalidQuery,
        404: notFound,
        ...keyErrors('read'),
        503: tooManyWatchers,
      },
    },
  },
  '/v1/generations/{id}/lineage': {
    get: {
      ...COMMON,
      operationId: 'getLineage',
      summary: 'Get what a generation was made from, and what was made from it',
      description:
        'Ancestors and descendants by reruns and by edits of images, the nearest first: at most 200. Those that were deleted for good have no content.',
      parameters: [ID_PARAMETER, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('The lineage.', 'Lineage'),
        400: invalidQuery,
        404: notFound,
        ...keyErrors('read'),
      },
    },
  },
  '/v1/generations/{id}/events': {
    get: {
      ...COMMON,
      operationId: 'watchGeneration',
      summary: 'Watch a generation',
      description: EVENTS,
      parameters: [
        ID_PARAMETER,
        IMAGE_ID_PARAMETER,
        {
          name: 'last-event-id',
          in: 'header',
          description: 'The id of the last event that you received.',
          schema: { type: 'string' },
        },
        PROJECT_PARAMETER,
      ],
      responses: {
        200: contentResponse('The events, as they happen.', {
          'text/event-stream': { schema: { type: 'string' }, example: EVENT_EXAMPLE },
        }),
        400: invalidQuery,
        204: emptyResponse('No more events follow: the generation has ended and you received every event.'),
        404: notFound,
        ...keyErrors('read'),
        503: tooManyWatchers,
      },
    },
  },
};
