import {
  DEFAULT_IMAGE_PAGE_SIZE,
  DEFAULT_PAGE_SIZE,
  MAX_IMAGE_PAGE_SIZE,
  MAX_PAGE_SIZE,
  MAX_WAIT_SECONDS,
} from '@wan-image/core';
import { FILTER_PARAMETERS } from '../http/openapi-filter.ts';
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
