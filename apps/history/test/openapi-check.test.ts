import { RESPONSE_EXAMPLES } from '@wan-image/core';
import { expect, test } from 'vitest';
import { checkBody, checkHead } from './support/openapi-check.ts';

const MODELS = 'http://127.0.0.1/v1/models';
const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-request-id': 'r',
  'wan-image-history': '1.0.0',
};

function head(status: number, headers: Record<string, string> = JSON_HEADERS): { status: number; headers: Headers } {
  return { status, headers: new Headers(headers) };
}

test('a documented response passes, also to HEAD', () => {
  const body = JSON.stringify(RESPONSE_EXAMPLES.ModelList);
  expect(() => {
    checkHead('GET', MODELS, head(200));
    checkHead('HEAD', MODELS, head(200));
    checkBody('GET', MODELS, head(200), body);
  }).not.toThrow();
});

test.each<[string, string, string, ReturnType<typeof head>, string]>([
  [
    'a route',
    'GET',
    'http://127.0.0.1/v1/unknown',
    head(200),
    'GET /v1/unknown responded with 200, but the OpenAPI document has no such route. Add it to the *.openapi.ts beside its controller.',
  ],
  [
    'a method',
    'PUT',
    MODELS,
    head(200),
    'PUT /v1/models responded with 200, but the OpenAPI document has no such route',
  ],
  [
    'a status',
    'GET',
    MODELS,
    head(201),
    'GET /v1/models responded with 201, which the OpenAPI document does not list. Add it to the responses of listModels in its *.openapi.ts.',
  ],
  [
    'a header',
    'GET',
    MODELS,
    head(200, { ...JSON_HEADERS, location: '/' }),
    'the 200 response has the header location',
  ],
  [
    'the absence of a header',
    'GET',
    MODELS,
    head(200, { 'content-type': 'application/json' }),
    'lacks the required header x-request-id',
  ],
  ['the absence of a header of its own', 'GET', MODELS, head(401), 'lacks the required header www-authenticate'],
  [
    'a content type',
    'GET',
    MODELS,
    head(200, { ...JSON_HEADERS, 'content-type': 'text/html' }),
    'has the content type text/html',
  ],
])('%s that the document does not have fails', (_what, method, url, response, message) => {
  expect(() => checkHead(method, url, response)).toThrow(message);
});

test('an unknown route may return errors, and nothing else', () => {
  checkHead('GET', 'http://127.0.0.1/v1/unknown', head(404));
  const html = head(404, { ...JSON_HEADERS, 'content-type': 'text/html' });
  expect(() => checkHead('GET', 'http://127.0.0.1/v1/unknown', html)).toThrow('has the content type text/html');
});

test.each<[string, unknown]>([
  ['lacks a field', { error: { message: 'x', type: 'x', param: null } }],
  ['has a field of another type', { error: { message: 'x', type: 'x', param: null, code: 404 } }],
  [
    'has a field that the schema does not name',
    { error: { message: 'x', type: 'x', param: null, code: null, more: 1 } },
  ],
])('a body that %s fails', (_what, body) => {
  expect(() => checkBody('GET', MODELS, head(404), JSON.stringify(body))).toThrow('does not match its schema');
});

test('an event whose data the document does not have fails', () => {
  const url = 'http://127.0.0.1/v1/generations/019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071/events';
  const events = head(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'r' });
  const { GenerationStateChange: change, Image: image } = RESPONSE_EXAMPLES;
  const eventOf = (event: string, data: object): string => `event: ${event}\nid: x\ndata: ${JSON.stringify(data)}\n\n`;
  expect(() =>
    checkBody('GET', url, events, `retry: 1000\n\n${eventOf('image', image)}${eventOf('state', change)}`),
  ).not.toThrow();
  expect(() => checkBody('GET', url, events, eventOf('image', change))).toThrow('does not match its schema');
});

test('a body where the document has none fails', () => {
  const url = 'http://127.0.0.1/v1/generations/019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6071/events';
  checkBody('GET', url, head(204), '');
  expect(() => checkBody('GET', url, head(204), '{}')).toThrow('the 204 response has a body');
});
