import {
  ANY_KEY,
  contentResponse,
  errorResponse,
  jsonResponse,
  keyErrors,
  NO_KEY,
  schemaRef,
  SERVICE_ERRORS,
  TAGS,
  type Paths,
} from '../http/openapi.ts';

export const HEALTH_PATHS: Paths = {
  '/healthz': {
    get: {
      operationId: 'isAlive',
      summary: 'Liveness check',
      description: 'Succeeds while the process serves HTTP. Restart the service if it does not.',
      tags: [TAGS.service],
      security: NO_KEY,
      responses: { 200: jsonResponse('The process is running.', 'Liveness'), ...SERVICE_ERRORS },
    },
  },
  '/v1/service': {
    get: {
      operationId: 'getService',
      summary: 'Get the service',
      description: 'What it is, what it costs, and what the key of the request may do there.',
      tags: [TAGS.service],
      security: ANY_KEY,
      responses: {
        200: jsonResponse('The service.', 'ServiceInfo'),
        400: errorResponse('There are no query parameters; `param` names what was sent.'),
        ...keyErrors(),
      },
    },
  },
  '/readyz': {
    get: {
      operationId: 'isReady',
      summary: 'Readiness check',
      description:
        'Succeeds while the service can record generations and store images. It does not check the upstream, because requests to it cost money.',
      tags: [TAGS.service],
      security: NO_KEY,
      responses: {
        200: jsonResponse('The service is ready.', 'Readiness'),
        ...SERVICE_ERRORS,
        503: contentResponse(
          'A check failed, and `checks` says which; or the service is shutting down.',
          { 'application/json': { schema: { anyOf: [schemaRef('Readiness'), schemaRef('Error')] } } },
          { sometimes: ['retry-after'] },
        ),
      },
    },
  },
};
