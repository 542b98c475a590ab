import { QueryFailedError } from 'typeorm';
import { expect, test } from 'vitest';
import { isDatabaseUnavailable, mayHaveRun } from './unavailable.ts';

const failed = (facts: object, message = 'failed'): QueryFailedError =>
  new QueryFailedError('select 1', [], Object.assign(new Error(message), facts));
const thrown = (facts: object, message = 'failed'): Error => Object.assign(new Error(message), facts);

test.each([
  ['a refused connection', thrown({ code: 'ECONNREFUSED', syscall: 'connect' }), true, false],
  ['a host that is not found', thrown({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), true, false],
  ['a pool without a free connection', thrown({}, 'timeout exceeded when trying to connect'), true, false],
  ['a server that starts', thrown({ code: '57P03' }), true, false],
  ['too many sessions', thrown({ code: '53300' }), true, false],
  ['a full disk', failed({ code: '53100' }), true, false],
  ['a lock that is not free in time', failed({ code: '55P03' }), true, false],
  ['a connection that breaks during a statement', failed({}, 'Connection terminated unexpectedly'), true, true],
  ['a session that the server ends', failed({ code: '57P01' }), true, true],
  ['a statement without a response', failed({}, 'Query read timeout'), true, true],
  ['a reset connection', failed({ code: 'ECONNRESET', syscall: 'read' }), true, true],
  ['a missing table', failed({ code: '42P01' }), false, false],
  ['a value that is not unique', failed({ code: '23505' }), false, false],
  ['a file that is missing', thrown({ code: 'ENOENT', syscall: 'open' }), false, true],
  ['a bug', new TypeError('x is not a function'), false, true],
  ['no error at all', 'text', false, true],
])('%s', (_name, error, isUnavailable, mayRun) => {
  expect([isDatabaseUnavailable(error), mayHaveRun(error)]).toEqual([isUnavailable, mayRun]);
});
