import { describe, expect, test } from 'vitest';
import { encodeBody, type RequestCase } from './cases/case.ts';
import { ENCODING_CASES } from './cases/encoding.ts';
import { FORM_CASES } from './cases/forms.ts';
import { IMAGE_NAME_CASES } from './cases/image-names.ts';
import { OPENAI_CASES } from './cases/openai.ts';
import { REFERENCE_CASES } from './cases/references.ts';
import { WARNING_CASES } from './cases/warnings.ts';
import { KEY, startGateway, type Gateway } from './support/gateway.ts';

/** What clients really send: each case is a row in a file of its subject. */
const CASES: Readonly<Record<string, readonly RequestCase[]>> = {
  'the encoding of a body': ENCODING_CASES,
  'the names of images': IMAGE_NAME_CASES,
  'values of forms': FORM_CASES,
  'requests for models of OpenAI': OPENAI_CASES,
  'references of clients': REFERENCE_CASES,
  warnings: WARNING_CASES,
};

const rows = Object.entries(CASES).flatMap(([subject, cases]) =>
  cases.map((one) => ({ subject, one, settings: JSON.stringify(one.settings ?? {}) })),
);

/** A service is started once for each set of settings, because a start takes seconds. */
describe.each([...new Set(rows.map(({ settings }) => settings))])('with the settings %s', (settings) => {
  let gateway: Gateway & AsyncDisposable;
  test.beforeAll(async () => {
    gateway = await startGateway(JSON.parse(settings) as Record<string, string>);
  });
  test.afterAll(() => gateway[Symbol.asyncDispose]());

  test.each(rows.filter((row) => row.settings === settings))('$subject: $one.name', async ({ one }) => {
    const { response, received, sent } = await sendCase(gateway, one);
    expect({ status: response.status, received }).toEqual({ status: one.status, received: expect.anything() });
    expect(received).toMatchObject(one.response ?? {});
    for (const [name, value] of Object.entries(one.responseHeaders ?? {}))
      expect(response.headers.get(name)).toEqual(value instanceof RegExp ? expect.stringMatching(value) : value);
    expect(sent).toEqual(one.sent ?? []);
    const id = response.headers.get('x-generation-id');
    if (one.record !== undefined) expect(await gateway.record(id ?? '')).toMatchObject(one.record);
  });
});

interface Observed {
  readonly response: Response;
  /** The JSON of the response. */
  readonly received: unknown;
  /** The bodies that reached the simulator. */
  readonly sent: readonly unknown[];
}

async function sendCase(gateway: Gateway, one: RequestCase): Promise<Observed> {
  await gateway.forgetCalls();
  const { body, contentType } = await encodeBody(one.body);
  const response = await fetch(gateway.url + (one.path ?? '/v1/images/generations'), {
    method: one.method ?? 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...one.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const received: unknown = await response.json();
  return { response, received, sent: (await gateway.calls()).map((call) => call.body) };
}
