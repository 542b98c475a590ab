import { MAX_WAIT_SECONDS } from '@wan-image/core';
import {
  contentResponse,
  emptyResponse,
  errorResponse,
  ID_PARAMETER,
  jsonResponse,
  keyErrors,
  keyWith,
  PAGE_PARAMETERS,
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

const REFERENCE_PARAMETERS: NonNullable<Operation['parameters']> = [
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

/** Reading generations. */
export const GENERATION_PATHS: Paths = {
  '/v1/generations': {
    get: {
      ...COMMON,
      operationId: 'listGenerations',
      summary: 'List generations',
      description: 'Newest first.',
      parameters: [...PAGE_PARAMETERS, ...REFERENCE_PARAMETERS, PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('A page of generations.', 'GenerationList'),
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
  '/v1/generations/{id}/events': {
    get: {
      ...COMMON,
      operationId: 'watchGeneration',
      summary: 'Watch a generation',
      description: EVENTS,
      parameters: [
        ID_PARAMETER,
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
