import { MAX_EXPORT_GENERATIONS } from '@wan-image/core';
import { FILTER_PARAMETERS } from '../http/openapi-filter.ts';
import {
  BODY_ERRORS,
  contentResponse,
  errorResponse,
  jsonBody,
  keyErrors,
  keyWith,
  PROJECT_PARAMETER,
  TAGS,
  type Operation,
  type Paths,
} from '../http/openapi.ts';

const COMMON = { tags: [TAGS.history], security: keyWith('read') } satisfies Partial<Operation>;

const DESCRIPTION = `A zip archive, sent while it is made. \`images/\` has the images as they were generated, under names such as \`2026-11-28_a-cat-on-a-windowsill_4ad09da7-0.png\`. \`manifest.jsonl\` has the record of each generation, one a line; each of its \`images\` has a \`file\`, its path in the archive, or null if it is not in it. That is so for images that were not chosen, that are not stored (see their \`state\`) and, without the scope \`manage\`, that are in the bin. Input images are not in it.

If it cannot be completed, the connection is closed, and the archive has no end.`;

const archive = contentResponse(
  'The archive.',
  { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
  { always: ['content-disposition'] },
);
const nothing = errorResponse('There is nothing to export: what was chosen does not exist in the project.');

const ERRORS = {
  ...keyErrors('read'),
  503: errorResponse(
    'The image store is unavailable, the list took too long, the service is shutting down, or it cannot reach its database. Retry after `retry-after` seconds.',
    { sometimes: ['retry-after'] },
  ),
};

/** Archives of what was generated. */
export const EXPORT_PATHS: Paths = {
  '/v1/exports': {
    get: {
      ...COMMON,
      operationId: 'exportSelected',
      summary: 'Export what a filter selects, or images',
      description: `${DESCRIPTION}\n\nFor links of a page, which a browser saves while they arrive. At most ${MAX_EXPORT_GENERATIONS} generations.`,
      parameters: [
        {
          name: 'format',
          in: 'query',
          required: true,
          description: 'The only format that there is.',
          schema: { type: 'string', enum: ['zip'] },
        },
        {
          name: 'image_id',
          in: 'query',
          description: 'Images alone, in place of a filter: at most 1,000. Repeat it for several.',
          explode: true,
          schema: { type: 'array', items: { type: 'string' }, minItems: 1 },
        },
        ...FILTER_PARAMETERS,
        PROJECT_PARAMETER,
      ],
      responses: {
        200: archive,
        400: errorResponse(
          'A query parameter is unknown or invalid (`param` names it), or the filter selects too much.',
        ),
        404: nothing,
        409: errorResponse(
          'Older records are still being indexed, so the filter would miss some (`search_incomplete`).',
        ),
        ...ERRORS,
      },
    },
    post: {
      ...COMMON,
      operationId: 'exportGiven',
      summary: 'Export generations or images',
      description: DESCRIPTION,
      parameters: [PROJECT_PARAMETER],
      requestBody: jsonBody('ExportRequest'),
      responses: { 200: archive, ...BODY_ERRORS, 404: nothing, ...ERRORS },
    },
  },
};
