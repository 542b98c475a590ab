import { contentResponse, jsonResponse, NO_KEY, schemaRef, SERVICE_ERRORS, TAGS, type Paths } from '../http/openapi.ts';

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
