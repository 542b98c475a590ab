import { ApiError } from './api-error.ts';

/** The maximum number of keys of a body, at any depth, and of values of its lists and objects: far more than any request needs. */
const MAX_KEYS = 1000;
const MAX_VALUES = 10_000;

/**
 * Throws 413 if a body has more keys or values than a request needs. Each costs more than its bytes: it is checked, hashed, compared and
 * stored one by one.
 */
export function checkJsonSize(size: { readonly keys: number; readonly values: number }): void {
  if (size.keys > MAX_KEYS) throw tooLarge(`more than ${MAX_KEYS} keys, at all levels together`);
  if (size.values > MAX_VALUES) throw tooLarge(`more than ${MAX_VALUES} values, at all levels together`);
}

/** The number of keys and values of a JSON value; of one that has far more than is allowed, a part of them. */
export function jsonSizeOf(value: unknown): { readonly keys: number; readonly values: number } {
  const size = { keys: 0, values: 0 };
  const open: unknown[] = [value];
  while (open.length > 0 && size.keys <= MAX_KEYS && size.values <= MAX_VALUES) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const values: unknown[] = Array.isArray(next) ? next : Object.values(next);
    size.values += values.length;
    if (!Array.isArray(next)) size.keys += values.length;
    if (size.values <= MAX_VALUES) open.push(...values);
  }
  return size;
}

function tooLarge(what: string): ApiError {
  return new ApiError(`The body has ${what}. Leave out what is not needed.`, {
    status: 413,
    type: 'invalid_request_error',
    code: 'invalid_request',
  });
}
