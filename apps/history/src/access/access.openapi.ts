import type { OpenAPIObject } from '@nestjs/swagger';

type Paths = OpenAPIObject['paths'];

const TAGS = ['Projects and API keys'];

interface Json {
  readonly content: { readonly 'application/json': { readonly schema: { readonly $ref: string } } };
}

const json = (schema: string): Json => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});

const error = (description: string): Json & { readonly description: string } => ({ description, ...json('Error') });

const ADMIN_ERRORS = {
  401: error('No API key, or a wrong one.'),
  403: error('Only ADMIN_API_KEY opens this; a service without one has no projects and keys.'),
};

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } } as const;

const PAGE = [
  {
    name: 'limit',
    in: 'query' as const,
    description: 'How many records a page has.',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  {
    name: 'cursor',
    in: 'query' as const,
    description: '`next_cursor` of the page before.',
    schema: { type: 'string' },
  },
];

/** What ADMIN_API_KEY alone opens. */
export const ACCESS_PATHS: Paths = {
  '/v1/projects': {
    post: {
      operationId: 'createProject',
      summary: 'Make a project',
      description: 'What is of another project does not exist for a key.',
      tags: TAGS,
      requestBody: { required: true, ...json('CreateProjectRequest') },
      responses: {
        201: { description: 'The project.', ...json('Project') },
        400: error('A field is wrong.'),
        409: error('There is a project of that name.'),
        ...ADMIN_ERRORS,
      },
    },
    get: {
      operationId: 'listProjects',
      summary: 'List the projects',
      description: 'Newest first.',
      tags: TAGS,
      parameters: PAGE,
      responses: {
        200: { description: 'A page.', ...json('ProjectList') },
        400: error('A query parameter is wrong.'),
        ...ADMIN_ERRORS,
      },
    },
  },
  '/v1/projects/{id}': {
    get: {
      operationId: 'getProject',
      summary: 'Get a project',
      tags: TAGS,
      parameters: [id],
      responses: {
        200: { description: 'The project.', ...json('Project') },
        404: error('There is none.'),
        ...ADMIN_ERRORS,
      },
    },
  },
  '/v1/api-keys': {
    post: {
      operationId: 'createApiKey',
      summary: 'Make an API key',
      description:
        'The answer alone has the key itself; it is kept as a hash. `rate_limit` is in generations a minute. `spend_limit` needs a price for every model (PRICES).',
      tags: TAGS,
      requestBody: { required: true, ...json('CreateApiKeyRequest') },
      responses: {
        201: { description: 'The key, this once.', ...json('CreatedApiKey') },
        400: error('A field is wrong.'),
        ...ADMIN_ERRORS,
      },
    },
    get: {
      operationId: 'listApiKeys',
      summary: 'List API keys',
      description: 'Newest first, of one project or of all.',
      tags: TAGS,
      parameters: [
        {
          name: 'project_id',
          in: 'query',
          description: 'Left out: of all projects.',
          schema: { type: 'string', format: 'uuid' },
        },
        ...PAGE,
      ],
      responses: {
        200: { description: 'A page.', ...json('ApiKeyList') },
        400: error('A query parameter is wrong.'),
        ...ADMIN_ERRORS,
      },
    },
  },
  '/v1/api-keys/{id}': {
    get: {
      operationId: 'getApiKey',
      summary: 'Get an API key',
      description: 'With what it has spent; not the key itself.',
      tags: TAGS,
      parameters: [id],
      responses: {
        200: { description: 'Its record.', ...json('ApiKey') },
        404: error('There is none.'),
        ...ADMIN_ERRORS,
      },
    },
    delete: {
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key',
      description: 'All replicas refuse it within ten seconds. Its record stays. One that is revoked already stays so.',
      tags: TAGS,
      parameters: [id],
      responses: {
        200: { description: 'Its record.', ...json('ApiKey') },
        404: error('There is none.'),
        ...ADMIN_ERRORS,
      },
    },
  },
};
