import {
  BODY_ERRORS,
  errorResponse,
  ID_PARAMETER,
  jsonBody,
  jsonResponse,
  keyErrors,
  keyWith,
  TAGS,
  type Paths,
} from '../http/openapi.ts';

const notFound = errorResponse('No generation of the project has this id.');

/** Routes that change a generation. */
export const ACTION_PATHS: Paths = {
  '/v1/generations/{id}/cancel': {
    post: {
      operationId: 'cancelGeneration',
      summary: 'Cancel a generation',
      description:
        'A queued generation is not billed, and its idempotency key can be used again. A running generation may have been billed: the service closes its connection to the upstream, and the outcome is `unknown`.',
      tags: [TAGS.history],
      security: keyWith('generate'),
      parameters: [ID_PARAMETER],
      responses: {
        200: jsonResponse('The generation is canceled.', 'Generation'),
        202: jsonResponse(
          'Cancellation was requested, but the replica that runs the generation has not confirmed it yet. Get the generation to see how it ends.',
          'Generation',
        ),
        ...BODY_ERRORS,
        404: notFound,
        409: errorResponse('The generation has already ended.'),
        ...keyErrors('generate'),
      },
    },
  },
  '/v1/generations/{id}/resolve': {
    post: {
      operationId: 'resolveGeneration',
      summary: 'Resolve an unknown outcome',
      description:
        'Settles an `unknown` outcome from the upstream’s invoice. Until then it counts as billed. `not_billed` returns the reserved amount to the API key and releases the idempotency key. Sending the same outcome again has no effect.',
      tags: [TAGS.history],
      security: keyWith('manage'),
      parameters: [ID_PARAMETER],
      requestBody: jsonBody('ResolveGenerationRequest'),
      responses: {
        200: jsonResponse('The generation with its resolved outcome.', 'Generation'),
        ...BODY_ERRORS,
        404: notFound,
        409: errorResponse('The outcome is not `unknown`, or the generation has not ended.'),
        ...keyErrors('manage'),
      },
    },
  },
};
