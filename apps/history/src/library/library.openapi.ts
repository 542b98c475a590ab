import {
  BODY_ERRORS,
  emptyResponse,
  errorResponse,
  ID_PARAMETER,
  IMAGE_ID_PARAMETER,
  jsonBody,
  jsonResponse,
  keyErrors,
  keyWith,
  PROJECT_PARAMETER,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';
import type { HeaderUse } from '../http/openapi-headers.ts';

const COMMON = { tags: [TAGS.library], security: keyWith('manage') } satisfies Partial<Operation>;

const noGeneration = errorResponse('No generation of the project has this id.');
const noImage = errorResponse('No image of the project has this id.');
const inFlight = errorResponse(
  'The generation is still in flight (`generation_in_flight`): cancel it, or wait for its end.',
);

const PURGE_PARAMETER: NonNullable<Operation['parameters']>[number] = {
  name: 'purge',
  in: 'query',
  description:
    'Deletes for good: at once out of sight, its files normally within an hour. What another record shares stays, and so does what was spent.',
  schema: { type: 'boolean', default: false },
};

const IDEMPOTENCY_KEY_PARAMETER: NonNullable<Operation['parameters']>[number] = {
  name: 'idempotency-key',
  in: 'header',
  description:
    'A unique value for this request, such as a UUID. Sent again with the same key within 24 hours, the request is carried out once, and gets the response of the first.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const REPLAY: HeaderUse = { sometimes: ['idempotent-replayed'] };

/** Changes of what was generated. */
export const LIBRARY_PATHS: Paths = {
  '/v1/generations/{id}': {
    patch: {
      ...COMMON,
      operationId: 'updateGeneration',
      summary: 'Change tags and note',
      description: 'A JSON merge patch: a field that is absent stays as it is, and null empties it.',
      parameters: [ID_PARAMETER],
      requestBody: jsonBody('UpdateGenerationRequest'),
      responses: {
        200: jsonResponse('The generation.', 'Generation'),
        ...BODY_ERRORS,
        404: noGeneration,
        ...keyErrors('manage'),
      },
    },
    delete: {
      ...COMMON,
      operationId: 'deleteGeneration',
      summary: 'Delete a generation',
      description: 'Into the bin, from which it can be restored, or for good. Deleting it again has no effect.',
      parameters: [ID_PARAMETER, PURGE_PARAMETER],
      responses: {
        204: emptyResponse('It is deleted.'),
        400: errorResponse('A query parameter is unknown or invalid; `param` names it.'),
        404: noGeneration,
        409: inFlight,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/generations/{id}/restore': {
    post: {
      ...COMMON,
      operationId: 'restoreGeneration',
      summary: 'Restore a generation',
      description: 'Takes it out of the bin. Images that were deleted by themselves stay there.',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The generation.', 'Generation'),
        ...BODY_ERRORS,
        404: noGeneration,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/images/{image_id}': {
    patch: {
      ...COMMON,
      operationId: 'updateImage',
      summary: 'Mark an image as a favorite',
      parameters: [IMAGE_ID_PARAMETER],
      requestBody: jsonBody('UpdateImageRequest'),
      responses: {
        200: jsonResponse('The image.', 'SingleImage'),
        ...BODY_ERRORS,
        404: noImage,
        ...keyErrors('manage'),
      },
    },
    delete: {
      ...COMMON,
      operationId: 'deleteImage',
      summary: 'Delete an image',
      description:
        'Into the bin, from which it can be restored, or for good: its row stays in the record, with the state `deleted`.',
      parameters: [IMAGE_ID_PARAMETER, PURGE_PARAMETER],
      responses: {
        204: emptyResponse('It is deleted.'),
        400: errorResponse('A query parameter is unknown or invalid; `param` names it.'),
        404: noImage,
        409: inFlight,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/images/{image_id}/restore': {
    post: {
      ...COMMON,
      operationId: 'restoreImage',
      summary: 'Restore an image',
      description: 'Takes an image out of the bin that was deleted by itself.',
      parameters: [IMAGE_ID_PARAMETER],
      responses: {
        200: jsonResponse('The image.', 'SingleImage'),
        ...BODY_ERRORS,
        404: noImage,
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/generations/bulk': {
    post: {
      ...COMMON,
      operationId: 'changeGenerations',
      summary: 'Change many generations or images',
      description:
        'Give exactly one of `ids`, `image_ids` and `filter`. Given ids are changed at once. Over a filter it is a job, which changes what there was at its start; it skips and counts what is in flight.',
      parameters: [IDEMPOTENCY_KEY_PARAMETER],
      requestBody: jsonBody('BulkRequest'),
      responses: {
        200: jsonResponse('What was changed or, with `dry_run`, what would be looked at.', 'BulkResult', REPLAY),
        202: jsonResponse('The job of a change over a filter.', 'Job', { always: ['location'], ...REPLAY }),
        ...BODY_ERRORS,
        409: errorResponse('The filter cannot find yet what an older version recorded (`search_incomplete`): wait.'),
        422: errorResponse('The idempotency key was used for another request within 24 hours: use a new one.'),
        ...keyErrors('manage'),
      },
    },
  },
  '/v1/tags': {
    get: {
      tags: [TAGS.library],
      security: keyWith('read'),
      operationId: 'listTags',
      summary: 'List tags',
      description: 'Of what is not in the bin, the most used first.',
      parameters: [PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('The tags.', 'TagList'),
        400: errorResponse('A query parameter is unknown or invalid; `param` names it.'),
        ...keyErrors('read'),
      },
    },
  },
};
