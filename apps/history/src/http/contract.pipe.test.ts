import { parseResolution } from '@wan-image/core';
import { expect, test } from 'vitest';
import { ApiError } from '../domain/api-error.ts';
import { contract, idOf } from './contract.pipe.ts';

const metadata = { type: 'body' } as const;

function refusalOf(work: () => unknown): ApiError {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error('it was not refused with an ApiError');
}

test('a value that the contract accepts passes as parsed', () => {
  expect(contract(parseResolution).transform({ outcome: 'billed' }, metadata)).toEqual({ outcome: 'billed' });
});

test('a value that it does not accept is a 400 that names the field', () => {
  const refusal = refusalOf(() => contract(parseResolution).transform({ outcome: 'maybe' }, metadata));
  expect(refusal).toMatchObject({ status: 400, type: 'invalid_request_error', param: 'outcome' });
});

test('an id in upper case is the same id, and a text that is none names nothing', () => {
  const id = '01932d5e-abcd-7000-8000-000000000000';
  expect(idOf('This project').transform(id.toUpperCase(), metadata)).toBe(id);
  expect(refusalOf(() => idOf('This project').transform('x', metadata))).toMatchObject({
    status: 404,
    message: 'This project does not exist.',
  });
});
