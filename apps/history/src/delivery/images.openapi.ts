import {
  contentResponse,
  emptyResponse,
  errorResponse,
  FOREIGN,
  keyWith,
  PROJECT_PARAMETER,
  SERVICE_ERRORS,
  TAGS,
  type Paths,
} from '../http/openapi.ts';
import type { HeaderUse } from '../http/openapi-headers.ts';

const DESCRIPTION = `The URLs in responses and records are permanent and signed: they open the image without an API key. Without a signature, send an API key of the same project with the scope \`read\`, or the admin key with \`project_id\`.

HEAD, one byte range (\`range\`, \`if-range\`) and \`if-none-match\` are supported.`;

const PARAMETERS = [
  {
    name: 'image_id',
    in: 'path' as const,
    required: true,
    description: 'The `id` of an image, or of an input image such as `019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071-input-0`.',
    schema: { type: 'string' },
  },
  {
    name: 'key',
    in: 'query' as const,
    description: 'The id of the signing key, from the signed URL.',
    schema: { type: 'string' },
  },
  {
    name: 'signature',
    in: 'query' as const,
    description: 'The signature from the signed URL. A wrong signature is refused even with an API key.',
    schema: { type: 'string' },
  },
  {
    ...PROJECT_PARAMETER,
    description: `${PROJECT_PARAMETER.description} Has no effect on a signed URL.`,
  },
  {
    name: 'width',
    in: 'query' as const,
    description:
      'Requests a thumbnail, 160, 320, 640 or 1280 pixels wide; another width selects the next larger one. WebP if `accept` names image/webp, otherwise JPEG. BMP images, and images that are not wider, are sent unchanged.',
    schema: { type: 'integer', minimum: 1, maximum: 99_999 },
  },
  {
    name: 'fallback',
    in: 'query' as const,
    description:
      'With `original`, the response is the original image where its thumbnail cannot be rendered, instead of 422: for pages, which show a broken image otherwise.',
    schema: { type: 'string', enum: ['original'] },
  },
];

const FILE_HEADERS: HeaderUse = {
  always: ['accept-ranges', 'content-disposition'],
  // Not while the bytes are streamed from the upstream.
  sometimes: ['etag'],
};

const BYTES = { schema: { type: 'string', format: 'binary' } };

/** The second for what is no image. */
const IMAGE = { 'image/*': BYTES, '*/*': BYTES };

/** The bytes of images. */
export const IMAGE_PATHS: Paths = {
  '/images/{image_id}': {
    get: {
      operationId: 'getImage',
      summary: 'Get the bytes of an image',
      description: DESCRIPTION,
      tags: [TAGS.images],
      parameters: PARAMETERS,
      // A signed URL needs no key.
      security: [{}, ...keyWith('read')],
      responses: {
        200: contentResponse(
          'The image, or its thumbnail. Bytes that are not a PNG, JPEG, BMP or WEBP are sent as a download, as they came from the upstream.',
          IMAGE,
          FILE_HEADERS,
        ),
        206: contentResponse('The requested range.', IMAGE, {
          always: ['accept-ranges', 'content-disposition', 'content-range', 'etag'],
        }),
        304: emptyResponse('The image has not changed.', {
          always: ['accept-ranges', 'content-disposition', 'etag'],
        }),
        400: errorResponse(
          '`width` is not a whole number from 1 to 99999, `fallback` is not `original`, or `project_id` names no project.',
        ),
        404: errorResponse(
          'No such image, the signature is wrong, or there is no signature and no API key of the project (or of `project_id`) with the scope `read`.',
        ),
        410: errorResponse(
          'The bytes are lost: they could not be stored before the upstream deleted them. Or the image was deleted for good (`image_deleted`).',
          {
            sometimes: ['accept-ranges'],
          },
        ),
        416: errorResponse('The range starts after the end of the file.', {
          always: ['accept-ranges', 'content-range'],
        }),
        422: errorResponse(
          'The image cannot be decoded, or takes too much memory to decode, so it has no thumbnail. Omit `width`, or add `fallback=original`.',
        ),
        ...SERVICE_ERRORS,
        403: errorResponse(
          `\`project_id\` names another project than that of the API key, which only the admin key reads; or ${FOREIGN}`,
        ),
        503: errorResponse(
          'The image is not stored yet, the image store is unavailable, too many thumbnails are being rendered, or the service is shutting down. Retry after `retry-after` seconds.',
          { sometimes: ['accept-ranges', 'retry-after'] },
        ),
      },
    },
  },
};
