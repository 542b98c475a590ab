import { describe, expect, test } from 'vitest';
import { parseListQuery } from './list-query.ts';
import { parseRetryHeaders } from './retry-headers.ts';
import { parseThumbnailWidth } from './thumbnail-width.ts';
import { parseWaitQuery } from './wait-query.ts';

const ok = (value: unknown): unknown => ({ ok: true, value });
const problem = (param: string, message: string): unknown => ({
  ok: false,
  problems: [{ param, message: expect.stringContaining(message) }],
});

describe('the query of a list', () => {
  const id = '019abcde-0000-7000-8000-000000000001';

  test.each([
    [{}, { limit: 20 }],
    [{ limit: '1' }, { limit: 1 }],
    [
      { limit: '100', cursor: id },
      { limit: 100, cursor: id },
    ],
    [{ cursor: id.toUpperCase() }, { limit: 20, cursor: id }],
  ])('%j is read', (query, value) => {
    expect(parseListQuery(query)).toEqual(ok(value));
  });

  test.each([
    [{ limit: '0' }, 'limit', '1 to 100'],
    [{ limit: '101' }, 'limit', '1 to 100'],
    [{ limit: ['1', '2'] }, 'limit', '1 to 100'],
    [{ cursor: 'next' }, 'cursor', 'next_cursor'],
    [{ page: '2' }, 'page', 'Unknown query parameter "page"'],
  ])('%j is refused', (query, param, message) => {
    expect(parseListQuery(query)).toEqual(problem(param, message));
  });
});

describe('the wait for a generation', () => {
  test.each([
    [{}, 0],
    [{ wait: '0' }, 0],
    [{ wait: '60' }, 60],
  ])('%j is read', (query, wait) => {
    expect(parseWaitQuery(query)).toEqual(ok({ wait }));
  });

  test.each([
    [{ wait: '61' }, 'wait', 'seconds from 0 to 60'],
    [{ wait: '1.5' }, 'wait', 'seconds from 0 to 60'],
    [{ wait: '' }, 'wait', 'seconds from 0 to 60'],
    [{ wait: ['1', '2'] }, 'wait', 'seconds from 0 to 60'],
    [{ timeout: '5' }, 'timeout', 'Unknown query parameter "timeout"'],
  ])('%j is refused', (query, param, message) => {
    expect(parseWaitQuery(query)).toEqual(problem(param, message));
  });
});

describe('the width of a thumbnail', () => {
  test.each([
    [undefined, null],
    ['1', 160],
    ['160', 160],
    ['161', 320],
    ['1280', 1280],
    ['99999', 1280],
  ])('%j means %j', (width, step) => {
    expect(parseThumbnailWidth(width)).toEqual(ok(step));
  });

  test.each(['0', '-1', '1.5', '100000', '', ['160', '320']])('%j is refused', (width) => {
    expect(parseThumbnailWidth(width)).toEqual(problem('width', '160, 320, 640, 1280'));
  });
});

describe('the headers of a retry', () => {
  test.each([
    [{}, { idempotencyKey: null, retryCount: 0, mayBeResend: false }],
    [{ 'idempotency-key': 'a'.repeat(255) }, { idempotencyKey: 'a'.repeat(255), retryCount: 0, mayBeResend: false }],
    [{ 'x-stainless-retry-count': '0' }, { idempotencyKey: null, retryCount: 0, mayBeResend: false }],
    [{ 'x-stainless-retry-count': '2' }, { idempotencyKey: null, retryCount: 2, mayBeResend: true }],
    [{ 'x-stainless-retry-count': '9'.repeat(400) }, { idempotencyKey: null, retryCount: 1000, mayBeResend: true }],
    [{ 'x-stainless-retry-count': 'two' }, { idempotencyKey: null, retryCount: 0, mayBeResend: false }],
    [{ 'x-stainless-retry-count': ['1'] }, { idempotencyKey: null, retryCount: 0, mayBeResend: false }],
    [{ 'user-agent': 'ai-sdk/openai/3.0.1 runtime/node' }, { idempotencyKey: null, retryCount: 0, mayBeResend: true }],
    [{ 'user-agent': 'my-app/1 ai-sdk/openai/3' }, { idempotencyKey: null, retryCount: 0, mayBeResend: true }],
    [{ 'user-agent': 'not-ai-sdk/1' }, { idempotencyKey: null, retryCount: 0, mayBeResend: false }],
    [
      { 'user-agent': 'ai-sdk/openai/3', 'idempotency-key': 'k', 'x-stainless-retry-count': '1' },
      { idempotencyKey: 'k', retryCount: 1, mayBeResend: false },
    ],
  ])('%j is read', (headers, hints) => {
    expect(parseRetryHeaders(headers)).toEqual(ok(hints));
  });

  test.each(['', 'a b', 'é', 'a'.repeat(256)])('the key %j is refused', (key) => {
    expect(parseRetryHeaders({ 'idempotency-key': key })).toEqual(problem('Idempotency-Key', '1 to 255'));
  });
});
