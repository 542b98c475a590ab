import { expect, test } from 'vitest';
import { invalidRequest } from '../domain/api-error.ts';
import { NotAnImageError } from '../images/unrecognized-bytes.ts';
import { createServiceLogger } from './service-logger.ts';

function logged(error: Error): unknown {
  const lines: string[] = [];
  createServiceLogger('info', { write: (line) => lines.push(line) }).warn({ err: error }, 'x');
  return (JSON.parse(lines.join('')) as { readonly err: unknown }).err;
}

/** As the driver of the database throws it. */
const failedQuery = (code: string): Error =>
  Object.assign(new Error('it failed'), { code, query: 'select prompt', parameters: ['a prompt'] });

test.each<[string, Error, object]>([
  ['a database that is away', failedQuery('57P01'), { message: 'it failed', code: '57P01' }],
  [
    'bytes that are no image',
    new NotAnImageError('not an image'),
    { type: 'NotAnImageError', message: 'not an image' },
  ],
  ['a refusal of a request', invalidRequest('n: too large', 'n'), { message: 'n: too large' }],
])('%s is logged without a stack and without parameters', (_name, error, facts) => {
  const fields = logged(error);
  expect(fields).toMatchObject(facts);
  expect(Object.keys(fields as object)).not.toEqual(expect.arrayContaining(['stack']));
  expect(JSON.stringify(fields)).not.toMatch(/a prompt|select/);
});

test('a statement that is wrong is a bug, with its stack', () => {
  expect(logged(failedQuery('42601'))).toMatchObject({ stack: expect.stringContaining('service-logger.test.ts') });
});
