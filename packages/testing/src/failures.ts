/**
 * Resolves with the error of work that must fail, and throws if it succeeds. With a type guard, any other error is thrown again.
 * Handles the rejection at once, so a test may let time pass before it awaits the result.
 */
export function failureOf(work: Promise<unknown>): Promise<unknown>;
export function failureOf<T>(work: Promise<unknown>, isExpected: (error: unknown) => error is T): Promise<T>;
export function failureOf(work: Promise<unknown>, isExpected = (_error: unknown): boolean => true): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('It succeeded.');
    },
    (error: unknown) => {
      if (isExpected(error)) return error;
      throw error;
    },
  );
}
