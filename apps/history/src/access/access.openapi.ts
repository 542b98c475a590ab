import {
  ADMIN_KEY,
  BODY_ERRORS,
  emptyResponse,
  errorResponse,
  ID_PARAMETER,
  jsonBody,
  jsonResponse,
  keyErrors,
  NO_KEY,
  PAGE_PARAMETERS,
  SERVICE_ERRORS,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';

const COMMON = { tags: [TAGS.access], security: ADMIN_KEY } satisfies Partial<Operation>;

const ADMIN_ERRORS = {
  ...keyErrors(),
  403: errorResponse(
    'The key is not the admin key (ADMIN_API_KEY), or the service runs without one and has no projects and keys.',
  ),
};

const invalidQuery = errorResponse('A query parameter is unknown or invalid; `param` names it.');

const noProject = errorResponse('No project has this id.');
const noKey = errorResponse('No API key has this id.');

const ARCHIVED_PARAMETER = {
  name: 'archived',
  in: 'query',
  description: '`true`: what is archived, and nothing else. `false`: what is in use.',
  schema: { type: 'boolean', default: false },
} as const;

const MERGE_PATCH = 'The body is a JSON merge patch: what is absent stays as it is, and null removes a limit.';

const PROJECT_PATHS: Paths = {
  '/v1/projects': {
    post: {
      ...COMMON,
      operationId: 'createProject',
      summary: 'Create a project',
      description:
        'Projects separate tenants: an API key sees only the generations and images of its own project. A project cannot be deleted, but archived.',
      requestBody: jsonBody('CreateProjectRequest'),
      responses: {
        201: jsonResponse('The project.', 'Project'),
        ...BODY_ERRORS,
        409: errorResponse('A project with this name exists. Use it, or choose another name.'),
        ...ADMIN_ERRORS,
      },
    },
    get: {
      ...COMMON,
      operationId: 'listProjects',
      summary: 'List projects',
      description: 'Newest first.',
      parameters: [...PAGE_PARAMETERS, ARCHIVED_PARAMETER],
      responses: { 200: jsonResponse('A page of projects.', 'ProjectList'), 400: invalidQuery, ...ADMIN_ERRORS },
    },
  },
  '/v1/projects/{id}': {
    get: {
      ...COMMON,
      operationId: 'getProject',
      summary: 'Get a project',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The project.', 'Project'),
        404: noProject,
        ...ADMIN_ERRORS,
      },
    },
    patch: {
      ...COMMON,
      operationId: 'updateProject',
      summary: 'Rename or archive a project',
      description: `${MERGE_PATCH} The keys of an archived project are refused, within ten seconds by every replica, and it gets no new ones. Its generations go on, and its records, images and image URLs stay: read them with the admin key and \`project_id\`. \`{"archived": false}\` restores it. The default project cannot be archived.`,
      parameters: [ID_PARAMETER],
      requestBody: jsonBody('UpdateProjectRequest'),
      responses: {
        200: jsonResponse('The project.', 'Project'),
        ...BODY_ERRORS,
        404: noProject,
        409: errorResponse('Another project has this name. Choose another one.'),
        ...ADMIN_ERRORS,
      },
    },
  },
};

const API_KEY_PATHS: Paths = {
  '/v1/api-keys': {
    post: {
      ...COMMON,
      operationId: 'createApiKey',
      summary: 'Create an API key',
      description:
        'Only this response contains the key; the service keeps a hash of it. `spend_limit` requires a price for every model (PRICES).',
      requestBody: jsonBody('CreateApiKeyRequest'),
      responses: { 201: jsonResponse('The key and its record.', 'CreatedApiKey'), ...BODY_ERRORS, ...ADMIN_ERRORS },
    },
    get: {
      ...COMMON,
      operationId: 'listApiKeys',
      summary: 'List API keys',
      description: 'Newest first, without the keys themselves.',
      parameters: [
        {
          name: 'project_id',
          in: 'query',
          description: 'Only the keys of this project. Default: the keys of all projects.',
          schema: { type: 'string', format: 'uuid' },
        },
        ...PAGE_PARAMETERS,
        ARCHIVED_PARAMETER,
      ],
      responses: { 200: jsonResponse('A page of API keys.', 'ApiKeyList'), 400: invalidQuery, ...ADMIN_ERRORS },
    },
  },
  '/v1/api-keys/{id}': {
    get: {
      ...COMMON,
      operationId: 'getApiKey',
      summary: 'Get an API key',
      description: 'The record with its current spend, without the key itself.',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The record.', 'ApiKey'),
        404: noKey,
        ...ADMIN_ERRORS,
      },
    },
    patch: {
      ...COMMON,
      operationId: 'updateApiKey',
      summary: 'Change or archive an API key',
      description: `${MERGE_PATCH} The key itself stays the same, and every replica follows within ten seconds. A new spend limit, and one for another period, counts what is billed from then on; another amount for the same period also counts what was billed before. An archived key is refused and left out of lists until \`{"archived": false}\` restores it; a revoked key stays revoked.`,
      parameters: [ID_PARAMETER],
      requestBody: jsonBody('UpdateApiKeyRequest'),
      responses: { 200: jsonResponse('The record.', 'ApiKey'), ...BODY_ERRORS, 404: noKey, ...ADMIN_ERRORS },
    },
    delete: {
      ...COMMON,
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key',
      description:
        'Every replica refuses the key within ten seconds. The record stays. Revoking a revoked key has no effect.',
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The record.', 'ApiKey'),
        404: noKey,
        ...ADMIN_ERRORS,
      },
    },
  },
};

/** Projects and API keys. */
const foreignSession = errorResponse('Only a page of this service may do this (`foreign_page`).');

const SESSION_PATHS: Paths = {
  '/v1/session': {
    post: {
      tags: [TAGS.access],
      operationId: 'beginSession',
      summary: 'Sign a page in',
      description:
        'Sets a cookie that stands for the key in requests of this service’s own pages: no script can read it, no other page can use it. It lasts for 30 days, or until the key is no longer valid. A service without keys sets none.',
      security: NO_KEY,
      requestBody: jsonBody('CreateSessionRequest'),
      responses: {
        204: emptyResponse('The page is signed in.', { sometimes: ['set-cookie'] }),
        ...BODY_ERRORS,
        ...keyErrors(),
        403: foreignSession,
      },
    },
    delete: {
      tags: [TAGS.access],
      operationId: 'endSession',
      summary: 'Sign a page out',
      security: NO_KEY,
      responses: {
        204: emptyResponse('The page is signed out.', { always: ['set-cookie'] }),
        400: errorResponse('There are no query parameters; `param` names what was sent.'),
        ...SERVICE_ERRORS,
        403: foreignSession,
      },
    },
  },
};

export const ACCESS_PATHS: Paths = { ...PROJECT_PATHS, ...API_KEY_PATHS, ...SESSION_PATHS };
