import { expect, test } from 'vitest';
import { credentialOf } from './credentials.ts';

test.each([
  [undefined, null],
  ['', null],
  ['Bearer', null],
  ['Bearer ', null],
  ['Bearer two words', null],
  ['Basic YWRtaW46c2VjcmV0', null],
  ['wan_key', null],
  ['Bearer wan_key', { key: 'wan_key' }],
  ['bearer   wan_key', { key: 'wan_key' }],
])('the credential of "authorization: %s" is %j', (authorization, expected) => {
  expect(credentialOf({ headers: authorization === undefined ? {} : { authorization } })).toEqual(expected);
});
