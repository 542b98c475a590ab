import { describe, expect, test } from 'vitest';
import { credentialOf } from './credentials.ts';

const HERE = 'https://images.example/wan';
const ID = 'a'.repeat(43);

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
  expect(credentialOf({ headers: authorization === undefined ? {} : { authorization } }, HERE)).toEqual(expected);
});

describe('the session of a page', () => {
  const cookie = `wan-image-lang=en; wan-image-session=${ID}; other=1`;

  test.each<[string, Record<string, string>]>([
    ['a program or an old browser', {}],
    ['a request of the page itself', { origin: 'https://images.example', 'sec-fetch-site': 'same-origin' }],
    ['a URL that somebody typed', { 'sec-fetch-site': 'none' }],
    ['another name for this service', { origin: 'http://localhost:3000', host: 'localhost:3000' }],
  ])('is that of %s', (_what, headers) => {
    expect(credentialOf({ headers: { cookie, ...headers } }, HERE)).toEqual({ session: ID });
  });

  test.each<[string, Record<string, string>]>([
    ['a page of another origin', { origin: 'https://elsewhere.example', host: 'images.example' }],
    ['a page of the same site under another port', { origin: 'http://localhost:5173', host: 'localhost:3000' }],
    ['a page that a browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a page that a browser calls same-site', { 'sec-fetch-site': 'same-site' }],
    ['a sandboxed page', { origin: 'null', host: 'images.example' }],
  ])('does not count for %s', (_what, headers) => {
    expect(credentialOf({ headers: { cookie, ...headers } }, HERE)).toBeNull();
  });

  test('is not counted if somebody has set another one beside it', () => {
    const twice = `wan-image-session=${'b'.repeat(43)}; wan-image-session=${ID}`;
    expect(credentialOf({ headers: { cookie: twice } }, HERE)).toBeNull();
  });

  test('has a name that no other host of the domain can set, where a browser allows it', () => {
    const headers = { cookie: `wan-image-session=${'b'.repeat(43)}; __Host-wan-image-session=${ID}` };
    expect(credentialOf({ headers }, 'https://images.example')).toEqual({ session: ID });
    expect(credentialOf({ headers }, 'http://localhost:3000')).toEqual({ session: 'b'.repeat(43) });
  });

  test('gives way to a key, even to a malformed one', () => {
    expect(credentialOf({ headers: { cookie, authorization: 'Bearer wan_key' } }, HERE)).toEqual({ key: 'wan_key' });
    expect(credentialOf({ headers: { cookie, authorization: 'Basic YTpi' } }, HERE)).toBeNull();
  });

  test.each(['', 'short', `${ID}a`, `${ID.slice(1)}!`])('has one form: not %j', (id) => {
    expect(credentialOf({ headers: { cookie: `wan-image-session=${id}` } }, HERE)).toBeNull();
  });
});
