import {
  BODY_ERRORS,
  errorResponse,
  ID_PARAMETER,
  jsonResponse,
  keyErrors,
  keyWith,
  PROJECT_PARAMETER,
  TAGS,
  type Paths,
} from '../http/openapi.ts';

const invalidQuery = errorResponse('A query parameter is unknown or invalid; `param` names it.');
const noJob = errorResponse('No job of the project has this id.');

/** Long work. */
export const JOB_PATHS: Paths = {
  '/v1/jobs': {
    get: {
      operationId: 'listJobs',
      summary: 'List jobs',
      description: 'The newest 100.',
      tags: [TAGS.library],
      security: keyWith('read'),
      parameters: [PROJECT_PARAMETER],
      responses: {
        200: jsonResponse('The jobs.', 'JobList'),
        400: invalidQuery,
        ...keyErrors('read'),
      },
    },
  },
  '/v1/jobs/{id}': {
    get: {
      operationId: 'getJob',
      summary: 'Get a job',
      tags: [TAGS.library],
      security: keyWith('read'),
      parameters: [ID_PARAMETER, PROJECT_PARAMETER],
      responses: { 200: jsonResponse('The job.', 'Job'), 400: invalidQuery, 404: noJob, ...keyErrors('read') },
    },
  },
  '/v1/jobs/{id}/cancel': {
    post: {
      operationId: 'cancelJob',
      summary: 'Cancel a job',
      description: 'It stops after its current step. What it has done stays done.',
      tags: [TAGS.library],
      security: keyWith('manage'),
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The job, canceled or about to stop.', 'Job'),
        ...BODY_ERRORS,
        404: noJob,
        409: errorResponse('The job has already ended, or the service needs it itself.'),
        ...keyErrors('manage'),
      },
    },
  },
};
