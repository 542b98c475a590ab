import { describe, expect, test } from 'vitest';
import { errorFromResponse } from './read-error.ts';

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  errorFromResponse({ status, headers }, typeof body === 'string' ? body : JSON.stringify(body), 0);

describe('every known form of an error body is read', () => {
  test.each<[string, unknown, object]>([
    [
      'the documented envelope',
      { error: { message: 'bad n', type: 'invalid_request_error', param: 'n', code: 'InvalidParameter' } },
      { type: 'invalid_request_error', param: 'n', code: 'InvalidParameter' },
    ],
    ['message alone', { error: { message: 'No token provided' } }, { type: null, param: null, code: null }],
    ['an error that is a string', { error: 'broken (request id: r1)' }, { requestId: 'r1' }],
    [
      "the vendor's own form",
      { code: 'InvalidParameter', message: 'bad', request_id: 'r2' },
      { code: 'InvalidParameter', requestId: 'r2' },
    ],
    ["FastAPI's detail", { detail: 'Not authenticated (request id: r3)' }, { requestId: 'r3' }],
    ['a plain string', 'upstream exploded', {}],
    ['a JSON string', '"upstream exploded"', {}],
    ['an empty body', '', {}],
    ['a web page', '<html><head><title>502 Bad Gateway</title></head></html>', {}],
  ])('%s', (_name, body, facts) => {
    expect(read(400, body)).toMatchObject({ kind: 'refused', outcome: 'not_billed', status: 400, ...facts });
  });

  test('the request id comes from a header, else from the message', () => {
    expect(read(400, 'x (request id: in-message)').requestId).toBe('in-message');
    expect(read(400, 'x (request id: in-message)', { 'x-oneapi-request-id': 'in-header' }).requestId).toBe('in-header');
  });

  test.each([
    ['a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49])],
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46])],
    ['text in an encoding that is not UTF-8', Buffer.from([0xb4, 0xed, 0xce, 0xf3])],
    ['control characters', Buffer.from('a\u0007b')],
  ])('a body that is %s is not quoted', (_name, bytes) => {
    expect(read(403, new TextDecoder().decode(bytes)).summary).toBe(
      'HTTP 403 with no readable message. Check the API key and its permissions.',
    );
  });

  test('a web page is named by its title', () => {
    expect(read(502, '<html><title>502 Bad Gateway</title></html>').message).toContain('502 Bad Gateway');
  });
});

test.each([
  [{ detail: 'Not enough quota in region cn-east' }, 'Not enough quota in region cn-east'],
  [
    { detail: [{ loc: ['body', 'size'], msg: 'field required' }, { msg: 'other' }] },
    'body.size: field required; other',
  ],
  [{ detail: { message: 'no access to this model' } }, 'no access to this model'],
  [{ error: { message: 'the token has no quota' } }, 'the token has no quota'],
  [{ detail: [] }, null],
  [{ detail: [null, 3, { loc: 'x' }] }, '3'],
  ['', null],
])('the own message of the server in %j', (body, message) => {
  expect(read(403, body).serverMessage).toBe(message);
});

describe('fault, outcome and retryable follow from status and code', () => {
  test.each<[number, string, object]>([
    [
      400,
      'DataInspectionFailed',
      { kind: 'content_refused', fault: 'caller', outcome: 'not_billed', retryable: false },
    ],
    [400, 'IPInfringementSuspect', { kind: 'content_refused' }],
    [500, 'sensitive_words_detected', { kind: 'content_refused', outcome: 'not_billed' }],
    [400, 'Arrearage', { kind: 'out_of_credit', fault: 'account', outcome: 'not_billed', retryable: false }],
    [403, 'insufficient_user_quota', { kind: 'out_of_credit' }],
    [429, 'Throttling.AllocationQuota', { kind: 'out_of_credit', retryable: false }],
    [429, 'Throttling.RateQuota', { kind: 'rate_limited', outcome: 'not_billed', retryable: true }],
    [429, '', { kind: 'rate_limited', retryable: true }],
    [200, 'InvalidParameter', { kind: 'refused', outcome: 'not_billed' }],
    [200, 'DataInspectionFailed', { kind: 'content_refused', outcome: 'not_billed' }],
    [200, 'InternalError', { kind: 'server_failed', outcome: 'unknown', retryable: false }],
    [200, '', { kind: 'server_failed', outcome: 'unknown' }],
    [200, 'Throttling.RateQuota', { kind: 'rate_limited', outcome: 'not_billed', retryable: true }],
    [400, 'Throttling.BurstRate', { kind: 'rate_limited', retryable: true }],
    [503, 'Throttling.RateQuota', { kind: 'server_failed', outcome: 'unknown', retryable: false }],
    [409, 'Throttling.BurstRate', { kind: 'server_failed', outcome: 'unknown', retryable: false }],
    [401, 'invalid_api_key', { kind: 'authentication', fault: 'account', outcome: 'not_billed', retryable: false }],
    [404, '', { kind: 'refused', outcome: 'not_billed', retryable: false }],
    [410, '', { kind: 'refused', outcome: 'not_billed' }],
    // A history service says this of an earlier request with the same key.
    [410, 'image_lost', { kind: 'refused', outcome: 'billed', retryable: false }],
    [410, 'generation_deleted', { kind: 'refused', outcome: 'unknown', retryable: false }],
    [413, '', { kind: 'refused', outcome: 'not_billed' }],
    [408, '', { kind: 'server_failed', outcome: 'unknown', retryable: false }],
    [409, '', { kind: 'server_failed', outcome: 'unknown', retryable: false }],
    [500, '', { kind: 'server_failed', fault: 'server', outcome: 'unknown', retryable: false }],
    [504, '', { kind: 'server_failed', outcome: 'unknown', retryable: false }],
  ])('%i %s', (status, code, facts) => {
    expect(read(status, { error: { message: 'm', code } })).toMatchObject(facts);
  });
});

test.each<[number, string, Record<string, string>, string]>([
  [
    407,
    'a proxy that requires a password',
    { 'proxy-authenticate': 'Basic realm="corp"' },
    'The proxy "corp" responded',
  ],
  [503, 'a proxy that did not connect (Squid)', { 'x-squid-error': 'ERR_CONNECT_FAIL 111' }, 'ERR_CONNECT_FAIL'],
  [502, 'the same (RFC 9209)', { 'proxy-status': 'edge.corp; error=connection_refused' }, 'The proxy "edge.corp"'],
])('%i of %s: nothing was sent', (status, _who, headers, words) => {
  const error = read(status, '<html><title>Error</title></html>', headers);
  expect(error).toMatchObject({ kind: 'connection_failed', outcome: 'not_billed', retryable: status !== 407 });
  expect(error.message).toContain(words);
  expect(error.message).not.toContain('may have been billed');
});

test.each([{ 'x-squid-error': 'ERR_READ_TIMEOUT 0' }, { 'proxy-status': 'edge; error=connection_terminated' }, {}])(
  'a 502 of a proxy that had forwarded the request may have been billed: %o',
  (headers) => expect(read(502, '', headers as Record<string, string>).outcome).toBe('unknown'),
);

test.each<[string, number, unknown, RegExp]>([
  ['a web page', 404, '<html><title>Not found</title></html>', /base URL/],
  ['the history service', 404, { error: { message: 'No such route: POST /x.', code: 'not_found' } }, /base URL/],
  ['a method that a web server refuses', 405, '', /base URL/],
  ['an API without the model', 404, { error: { message: 'No model.', code: 'model_not_found' } }, /Change the request/],
])('a URL without a route names the base URL: %s', (_who, status, body, words) => {
  expect(read(status, body).message).toMatch(words);
});

test('advice that is part of the message is not repeated', () => {
  const advice = 'It may have been billed: check before you try again.';
  expect(read(500, { error: { message: `Broke. ${advice}` } }).message).toBe(`Broke. ${advice}`);
});

test('secrets that the vendor quotes are redacted', () => {
  const message =
    'cannot fetch data:image/png;base64,AAAABBBB with Bearer sk-abcdefghij from https://oss.example/a.png?Signature=zzz';
  const error = read(400, { error: { message } });
  for (const secret of ['AAAABBBB', 'sk-abcdefghij', 'zzz']) expect(error.message).not.toContain(secret);
  expect(error.message).toContain('https://oss.example/a.png?[redacted]');
});

test('escaped slashes do not prevent redaction, and user and password are redacted', () => {
  const error = read(
    400,
    'cut: "https:\\/\\/b.example\\/a.png?Signature=zzz data:image\\/png;base64,QUJD\\/REVG http://me:hunter2@b.example/',
  );
  for (const secret of ['zzz', 'QUJD', 'REVG', 'hunter2']) expect(error.message).not.toContain(secret);
});

test('every form of retry-after is read', () => {
  const wait = (headers: Record<string, string>) => read(429, '', headers).retryAfterMs;
  expect(wait({ 'retry-after': '2' })).toBe(2000);
  expect(wait({ 'retry-after-ms': '150', 'retry-after': '2' })).toBe(150);
  expect(wait({ 'retry-after': 'Thu, 01 Jan 1970 00:00:05 GMT' })).toBe(5000);
  expect(wait({ 'retry-after': '0' })).toBe(0);
  expect(wait({ 'retry-after': 'soon' })).toBeNull();
  expect(wait({})).toBeNull();
});

test.each(['-5', '-0.5', 'Infinity', 'NaN', '1e9', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Wed, 21 Oct 1969 07:28:00 GMT'])(
  'retry-after "%s" says nothing: the backoff of the client decides',
  (value) => {
    expect(read(429, '', { 'retry-after': value }).retryAfterMs).toBeNull();
    expect(read(429, '', { 'retry-after-ms': value, 'retry-after': '2' }).retryAfterMs).toBe(2000);
  },
);

test.each([
  { 'retry-after': '99999999999999980000' },
  { 'retry-after': '9'.repeat(400) },
  { 'retry-after-ms': '9'.repeat(400) },
  { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' },
])('%j is at most a day', (headers) => {
  expect(read(429, '', headers).retryAfterMs).toBe(86_400_000);
});
