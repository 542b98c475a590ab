import {
  BODY_ERRORS,
  errorResponse,
  jsonBody,
  jsonResponse,
  keyErrors,
  keyWith,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';

const COMMON = { tags: [TAGS.library], security: keyWith('manage') } satisfies Partial<Operation>;

/** How long a project keeps what was generated. */
export const RETENTION_PATHS: Paths = {
  '/v1/retention': {
    get: {
      ...COMMON,
      operationId: 'getRetention',
      summary: 'Get the retention policy',
      description:
        'That of the project of the API key, and its last run. Until somebody sets a limit, everything is kept.',
      responses: {
        200: jsonResponse('The policy.', 'Retention'),
        400: errorResponse('A query parameter is unknown; `param` names it.'),
        ...keyErrors('manage'),
      },
    },
    put: {
      ...COMMON,
      operationId: 'setRetention',
      summary: 'Set the retention policy',
      description:
        'Replaces it as a whole: what is absent is null, and keeps everything. It is carried out within minutes, then once an hour, by a job (`GET /v1/jobs`). What it deletes is gone for good, also from the bin. What is in flight, and an image that was paid for and is yet to be fetched, stay.',
      requestBody: jsonBody('RetentionRequest'),
      responses: { 200: jsonResponse('The policy.', 'Retention'), ...BODY_ERRORS, ...keyErrors('manage') },
    },
  },
  '/v1/retention/preview': {
    post: {
      ...COMMON,
      operationId: 'previewRetention',
      summary: 'Preview a retention policy',
      description:
        'What a policy would delete today: the one in the body or, if that is empty, the one that is set. Deletes nothing.',
      requestBody: { ...jsonBody('RetentionRequest'), required: false },
      responses: {
        200: jsonResponse('What would be deleted.', 'RetentionPreview'),
        ...BODY_ERRORS,
        ...keyErrors('manage'),
      },
    },
  },
};
