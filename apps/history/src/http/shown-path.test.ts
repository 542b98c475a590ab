import { expect, test } from 'vitest';
import { shownPath } from './shown-path.ts';

const KEY = `wan_${'x'.repeat(43)}`;

test.each([
  ['a path', '/v1/generations', '/v1/generations'],
  ['no query', '/v1/generations?authorization=Bearer%20secret', '/v1/generations'],
  ['no API key', `/v1/generations/${KEY}`, '/v1/generations/wan_[redacted]'],
  ['no encoded API key', `/v1/%77an%5f${'x'.repeat(43)}`, '/v1/wan_[redacted]'],
  ['no API key that is encoded twice', `/v1/wan%255F${'x'.repeat(43)}`, '/v1/wan_[redacted]'],
  ['no credential', '/v1/Bearer%20secret', '/v1/Bearer [redacted]'],
  ['an encoded path as it was sent', '/v1/%E8%8A%B1', '/v1/%E8%8A%B1'],
  ['at most 200 characters', `/${'x-'.repeat(300)}`, `/${'x-'.repeat(99)}x…`],
])('%s is shown', (_name, url, expected) => {
  expect(shownPath(url)).toBe(expected);
});
