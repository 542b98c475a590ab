import { expect, test } from 'vitest';
import { redactText } from './redact.ts';

const KEY = `wan_${'Ab1-'.repeat(10)}xyz`;

test.each([
  ['an API key', `key ${KEY}.`, 'key wan_[redacted].'],
  ['an API key in a path', `/v1/generations/${KEY}/events`, '/v1/generations/wan_[redacted]/events'],
  ['an encoded API key', `/v1/${KEY.replaceAll('_', '%5F').replaceAll('-', '%2D')}`, '/v1/wan_[redacted]'],
  ['a credential in a query', '?authorization=Bearer%20secret', '?authorization=Bearer%20[redacted]'],
  ['a credential of a form', 'authorization=bearer+secret&a=1', 'authorization=bearer+[redacted]'],
  ['a user in a URL', 'http://u:p@host/a', 'http://[redacted]@host/a'],
  ['a user in a URL within a URL', 'http://host/https://u:p@other/a', 'http://host/https://[redacted]@other/a'],
  ['a query', 'https://host/a?Signature=x and more', 'https://host/a?[redacted] and more'],
  [
    'a query in JSON',
    '{"url":"https:\\/\\/host\\/a?b=1\\u0026Signature=x","n":1}',
    '{"url":"https:\\/\\/host\\/a?[redacted]","n":1}',
  ],
  ['a path in JSON that ends with a line', '"https://host/a\\nnext?"', '"https://host/a\\nnext?"'],
  ['nothing', 'wan_image and https://host/a stay', 'wan_image and https://host/a stay'],
])('%s', (_name, text, expected) => {
  expect(redactText(text)).toBe(expected);
});

/**
 * Texts for which an expression that tries each position anew, or each way to split a run, takes time in proportion to the square of their
 * length: minutes for these.
 */
const SIZE = 300_000;
const repeated = (part: string): string => part.repeat(Math.ceil(SIZE / part.length));
test.each([
  'http://',
  'https:\\/\\/',
  'http://a',
  'http:',
  '//',
  'data:',
  'data:a/',
  'data:a/a;a',
  'a;data:a/',
  ';a',
  'bearer',
  'bearer ',
  ' ',
  'bearer%20',
  'bearer+',
  '+',
  'sk-',
  'sk-a',
  'wan_',
  'wan%5F',
  'wan_%2d',
  '?a-',
  '&signature',
  '?-',
  'a-',
  'a',
  `${'a'.repeat(199)} `,
  '%25',
  '\\u0026',
])('a text of nothing but %j is redacted in time', (part) => {
  for (const text of [
    repeated(part),
    `http://${repeated(part)}`,
    `data:a/a${repeated(part)}`,
    `bearer ${repeated(part)}"`,
    `?${repeated(part)}`,
  ])
    expect(redactText(text, { maxLength: Number.POSITIVE_INFINITY }).length).toBeGreaterThan(0);
});
