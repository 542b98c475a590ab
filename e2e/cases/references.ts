import type { RequestCase } from './case.ts';
import { BASE, refused, SENT } from './common.ts';

const wrong = (name: string, fields: object, param: string, message: RegExp): RequestCase => ({
  name,
  body: { json: { ...BASE, ...fields } },
  status: 400,
  response: refused(param, message),
});

const MAXIMUM = Object.fromEntries(
  Array.from({ length: 16 }, (_, index) => [`${index}`.padEnd(64, '花'), '花'.repeat(512)]),
);

export const REFERENCE_CASES: readonly RequestCase[] = [
  {
    name: 'user and metadata are kept in the record, and not sent',
    body: { json: { ...BASE, user: '小王', metadata: { order: '4711', image_url: 'https://example.com/1.png' } } },
    status: 200,
    sent: [SENT],
    responseHeaders: { warning: null },
    record: {
      user: '小王',
      metadata: { order: '4711', image_url: 'https://example.com/1.png' },
      dropped: [],
      request: SENT,
    },
  },
  {
    name: 'the longest ones are kept',
    body: { json: { ...BASE, user: '王'.repeat(512), metadata: MAXIMUM } },
    status: 200,
    sent: [SENT],
    record: { user: '王'.repeat(512), metadata: MAXIMUM },
  },
  {
    name: 'empty ones are absent',
    body: { json: { ...BASE, user: '', metadata: {} } },
    status: 200,
    sent: [SENT],
    record: { user: null, metadata: null },
  },
  wrong('a user that is no text', { user: 5 }, 'user', /user must be a string of at most 512 characters, got 5/),
  wrong('a user that is too long', { user: 'x'.repeat(513) }, 'user', /at most 512 characters/),
  wrong('a user with a NUL character', { user: 'a\0b' }, 'user', /NUL/),
  wrong('metadata that is no object', { metadata: 'order' }, 'metadata', /must be an object of strings/),
  wrong('17 pairs', { metadata: { ...MAXIMUM, more: '' } }, 'metadata', /has 17 pairs, at most 16/),
  wrong('a value that is no text', { metadata: { order: 4711 } }, 'metadata.order', /metadata\.order must be a string/),
  wrong('a value that is too long', { metadata: { a: 'x'.repeat(513) } }, 'metadata.a', /more than 512 characters/),
  wrong('a key that is too long', { metadata: { ['k'.repeat(65)]: '' } }, 'metadata', /1 to 64 characters/),
];
