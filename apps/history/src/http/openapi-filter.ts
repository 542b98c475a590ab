import type { Operation } from './openapi.ts';

type Parameters = NonNullable<Operation['parameters']>;

/** A parameter of a filter that may be repeated: one of its values, or all of them. */
const several = (name: string, items: object, description: string): Parameters[number] => ({
  name,
  in: 'query',
  description,
  explode: true,
  schema: { type: 'array', items, minItems: 1 },
});

const id = { type: 'string', format: 'uuid' };
const time = 'RFC 3339, or a date, which is its first moment in UTC';

/** What lists of generations and of images, and exports, select. */
export const FILTER_PARAMETERS: Parameters = [
  {
    name: 'q',
    in: 'query',
    description:
      'Words to find: each has to stand in the prompt, a revised prompt, the note or a tag. Any part of a text is found, in any script, from one character; full-width and half-width, upper and lower case are equal. Words are split at white space, except between quotes. At most 200 characters and 10 words.',
    schema: { type: 'string' },
    examples: { chinese: { value: '花店' }, quoted: { value: '"red fox" 雪' } },
  },
  several(
    'state',
    { type: 'string', enum: ['queued', 'running', 'succeeded', 'failed', 'canceled'] },
    'One of these. Repeat it for several.',
  ),
  several('outcome', { type: 'string', enum: ['billed', 'not_billed', 'unknown'] }, 'One of these.'),
  several('model', { type: 'string' }, 'One of these.'),
  several(
    'size',
    { type: 'string', pattern: '^([124]K|[1-9][0-9]{0,8}x[1-9][0-9]{0,8})$' },
    'One of these: as the request had it, `2K` if it had none. Read newest first: for a size that is rare, add a time.',
  ),
  several('source', { type: 'string' }, 'One of these.'),
  several('api_key', id, 'One of these ids of API keys.'),
  several('tag', { type: 'string', maxLength: 64 }, 'All of these.'),
  { name: 'favorite', in: 'query', description: 'With a favorite image.', schema: { type: 'string', enum: ['true'] } },
  {
    name: 'created_after',
    in: 'query',
    description: `Inclusive: ${time}.`,
    schema: { type: 'string' },
    example: '2026-11-01',
  },
  {
    name: 'created_before',
    in: 'query',
    description: `Exclusive: ${time}.`,
    schema: { type: 'string' },
    example: '2026-12-01T00:00:00Z',
  },
  {
    name: 'has_input_image',
    in: 'query',
    description: 'Made with input images, or without.',
    schema: { type: 'boolean' },
  },
  {
    name: 'derived_from',
    in: 'query',
    description: 'Made from this generation: a rerun of it, or an edit of one of its images.',
    schema: id,
  },
  { name: 'seed', in: 'query', description: 'As it was sent.', schema: { type: 'integer', minimum: 0 } },
  several('id', id, 'One of these: at most 1,000.'),
  {
    name: 'simulated',
    in: 'query',
    description: 'Made by the embedded simulator, or not.',
    schema: { type: 'boolean' },
  },
  {
    name: 'image_sha256',
    in: 'query',
    description: 'With an image, made or given, whose file has this SHA-256: the record of a file.',
    schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  {
    name: 'deleted',
    in: 'query',
    description: 'What is in the bin, and nothing else.',
    schema: { type: 'string', enum: ['true'] },
  },

  {
    name: 'user',
    in: 'query',
    description: 'Only generations whose request had this `user`.',
    schema: { type: 'string', minLength: 1, maxLength: 512 },
  },
  {
    name: 'metadata',
    in: 'query',
    style: 'deepObject',
    explode: true,
    description: 'Only generations whose request had all of these pairs in its `metadata`: `metadata[order]=4711`.',
    schema: { type: 'object', maxProperties: 16, additionalProperties: { type: 'string', maxLength: 512 } },
  },
];
