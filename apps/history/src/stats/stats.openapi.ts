import { STATISTICS_GROUPS } from '@wan-image/core';
import {
  errorResponse,
  jsonResponse,
  keyErrors,
  keyWith,
  PROJECT_PARAMETER,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';

type Parameters = NonNullable<Operation['parameters']>;

const invalidQuery = errorResponse(
  'A query parameter is unknown or invalid, or the figures have more than 10,000 rows; `param` names it.',
);

const TZ: Parameters[number] = {
  name: 'tz',
  in: 'query',
  description: 'IANA name of the time zone of days, whose offset is a whole number of hours.',
  schema: { type: 'string', default: 'UTC' },
  example: 'Asia/Shanghai',
};

const TIME: Extract<Parameters[number], { name: string }>['schema'] = {
  anyOf: [
    { type: 'string', format: 'date-time' },
    { type: 'string', format: 'date' },
  ],
};

const several = (name: string, description: string): Parameters[number] => ({
  name,
  in: 'query',
  description,
  schema: { type: 'array', items: { type: 'string' } },
});

/** Figures of what was generated. */
export const STATS_PATHS: Paths = {
  '/v1/stats': {
    get: {
      operationId: 'getStatistics',
      summary: 'Get statistics',
      description:
        'Generations by how they ended, failures by error code, images, cost, latency and stored bytes, of the generations that were created in a time. They come from sums by the hour, a second behind, which deleting and retention do not change.',
      tags: [TAGS.history],
      security: keyWith('read'),
      parameters: [
        {
          name: 'from',
          in: 'query',
          description: 'Inclusive; the start of its hour. Default: 30 days before `to`.',
          schema: TIME,
        },
        { name: 'to', in: 'query', description: 'Exclusive; the end of its hour. Default: now.', schema: TIME },
        {
          name: 'group_by',
          in: 'query',
          description:
            'What each row is about: one or more, separated by commas or repeated. Default: one row for all.',
          schema: { type: 'array', items: { type: 'string', enum: [...STATISTICS_GROUPS] } },
          style: 'form',
          explode: false,
        },
        TZ,
        several('model', 'One of these.'),
        several('source', 'One of these.'),
        several('api_key', 'One of these: ids of API keys.'),
        {
          name: 'simulated',
          in: 'query',
          description: 'Only what the embedded simulator made, or only what it did not.',
          schema: { type: 'boolean' },
        },
        PROJECT_PARAMETER,
      ],
      responses: {
        200: jsonResponse('The figures.', 'Statistics'),
        400: invalidQuery,
        ...keyErrors('read'),
        503: errorResponse(
          'The figures took too long (`statistics_timeout`): limit the time with `from` and `to`. Or the service is shutting down, or cannot reach its database.',
        ),
      },
    },
  },
  '/v1/images/timeline': {
    get: {
      operationId: 'getTimeline',
      summary: 'Count images by day',
      description: 'Of all generated images that are not in the bin, so that a page knows where each day begins.',
      tags: [TAGS.history],
      security: keyWith('read'),
      parameters: [TZ, PROJECT_PARAMETER],
      responses: { 200: jsonResponse('The days.', 'Timeline'), 400: invalidQuery, ...keyErrors('read') },
    },
  },
};
