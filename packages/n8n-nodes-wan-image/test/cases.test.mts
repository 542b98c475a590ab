import { describe, expect, test } from 'vitest';
import type { NodeCase } from './cases/case.mts';
import { CREDENTIAL_CASES } from './cases/credentials.mts';
import { ERROR_CASES } from './cases/errors.mts';
import { FIELD_CASES } from './cases/fields.mts';
import { run } from './support/run.mts';

/** What users reported: each case is a row in a file of its subject. */
const CASES: Readonly<Record<string, readonly NodeCase[]>> = {
  fields: FIELD_CASES,
  credentials: CREDENTIAL_CASES,
  errors: ERROR_CASES,
};

describe.each(Object.entries(CASES))('%s', (_subject, cases) => {
  test.each(cases)('$name', async (one) => {
    const { items: expectedItems = [], error: expectedError, sent: expected = [] } = one;
    const { items, sent, error } = await run(one);
    expect(error && { message: error.message, description: error.description }).toEqual(
      expectedError === undefined ? null : expect.objectContaining(matching(expectedError)),
    );
    expect(items).toMatchObject(expectedItems.map(matching));
    expect(sent.filter(({ method }) => method === 'POST')).toMatchObject(expected);
  });
});

/** With each expression as the matcher of a text, at any depth. */
function matching(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, part]: [string, unknown]) => [
      key,
      part instanceof RegExp
        ? expect.stringMatching(part)
        : typeof part === 'object' && part !== null
          ? matching(part)
          : part,
    ]),
  );
}
