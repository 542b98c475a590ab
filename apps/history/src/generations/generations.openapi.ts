import type { OpenAPIObject } from '@nestjs/swagger';

type Paths = OpenAPIObject['paths'];

const TAGS = ['History'];

interface Json {
  readonly content: { readonly 'application/json': { readonly schema: { readonly $ref: string } } };
}

const json = (schema: string): Json => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});

const error = (description: string): Json & { readonly description: string } => ({ description, ...json('Error') });

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } } as const;

const COMMON = {
  401: error('No API key, or a wrong one.'),
  403: error('The API key lacks the scope.'),
  404: error('There is no such record.'),
};

/** What is done to one generation, and told of it. */
export const GENERATION_PATHS: Paths = {
  '/v1/generations/{id}/events': {
    get: {
      operationId: 'watchGeneration',
      summary: 'Watch a generation',
      description:
        'Server-sent events: `image` with each image as it is stored or lost, `state` with each state. The stream ends when nothing more will happen. With `last-event-id` it goes on where it was, at any replica; who knows all gets 204.',
      tags: TAGS,
      parameters: [id, { name: 'last-event-id', in: 'header', schema: { type: 'string' } }],
      responses: {
        200: { description: 'The events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        204: { description: 'Nothing more will happen.' },
        ...COMMON,
      },
    },
  },
  '/v1/generations/{id}/cancel': {
    post: {
      operationId: 'cancelGeneration',
      summary: 'Cancel a generation',
      description:
        'What was not sent yet cost nothing, and its idempotency key is free again. Of what is running the connection is dropped: it may have been billed.',
      tags: TAGS,
      parameters: [id],
      responses: {
        200: { description: 'It is canceled.', ...json('Generation') },
        202: { description: 'Its process has been asked, and has not answered yet.', ...json('Generation') },
        409: error('It has ended already.'),
        ...COMMON,
      },
    },
  },
  '/v1/generations/{id}/resolve': {
    post: {
      operationId: 'resolveGeneration',
      summary: 'Say what an unknown outcome was',
      description:
        'What the bill of the upstream says. Until then it counts as billed; `not_billed` gives back what was reserved for it and frees its idempotency key.',
      tags: TAGS,
      parameters: [id],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['outcome'],
              additionalProperties: false,
              properties: { outcome: { type: 'string', enum: ['billed', 'not_billed'] } },
            },
          },
        },
      },
      responses: {
        200: { description: 'It is so recorded.', ...json('Generation') },
        400: error('The body is not right.'),
        409: error('The outcome is not unknown.'),
        ...COMMON,
      },
    },
  },
};
