import {
  ADMIN_KEY,
  BODY_ERRORS,
  errorResponse,
  ID_PARAMETER,
  jsonBody,
  jsonResponse,
  keyErrors,
  PAGE_PARAMETERS,
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

const PROJECT_PATHS: Paths = {
  '/v1/projects': {
    post: {
      ...COMMON,
      operationId: 'createProject',
      summary: 'Create a project',
      description:
        'Projects separate tenants: an API key sees only the generations and images of its own project. A project cannot be deleted.',
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
      parameters: [...PAGE_PARAMETERS],
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
        404: errorResponse('No project has this id.'),
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
        404: errorResponse('No API key has this id.'),
        ...ADMIN_ERRORS,
      },
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
        404: errorResponse('No API key has this id.'),
        ...ADMIN_ERRORS,
      },
    },
  },
};

/** Projects and API keys. */
export const ACCESS_PATHS: Paths = { ...PROJECT_PATHS, ...API_KEY_PATHS };
