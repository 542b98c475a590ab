import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Example } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../src/http/openapi.ts';
import { ADMIN, ADMIN_API_KEY, createKey, createProject, post } from './support/access.ts';
import { DOCUMENT, isPage, validatorOf } from './support/openapi-check.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({
    ADMIN_API_KEY,
    PRICES: 'wan2.7-image=0.10,wan2.7-image-pro=0.20',
    WEBHOOK_PRIVATE_HOSTS: 'true',
  });
});
afterAll(() => history[Symbol.asyncDispose]());

interface Documented {
  /** The path as in `GET /v1/generations/{id}`. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const documented: readonly Documented[] = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(([name, operation]) => {
    const method = name.toUpperCase();
    return { route: `${method} ${path}`, method, path, operation };
  }),
);

test('the service serves the document', async () => {
  expect((await get(history.url, '/openapi.json')).body).toEqual(JSON.parse(JSON.stringify(DOCUMENT)));
});

test('the document has every route with the access that it requires, and no other route', () => {
  const running = history.routes
    .filter(({ method, url }) => method !== 'HEAD' && !isPage(url))
    .map(({ method, url, need }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}: ${need}`);
  expect(documented.map(({ route, operation }) => `${route}: ${accessOf(operation)}`).toSorted()).toEqual(
    running.toSorted(),
  );
});

/** The access that an operation requires, in the terms of the service. */
function accessOf({ security = [] }: Operation): string {
  const [first = {}] = security;
  if ('admin' in first) return 'admin';
  return first['key'] === undefined ? 'public' : (first['key'][0] ?? 'any key');
}

test('each operation has a unique id', () => {
  const ids = documented.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every schema that the document references exists, and no other', () => {
  const names = [...JSON.stringify(DOCUMENT).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name);
  // Referenced in prose: the data of events.
  names.push('GenerationStateChange');
  expect([...new Set(names)].toSorted()).toEqual(Object.keys(DOCUMENT.components?.schemas ?? {}).toSorted());
});

test.each(Object.entries(DOCUMENT.components?.schemas ?? {}))('%s has examples, which it accepts', (_name, schema) => {
  const { examples = [] } = schema as { readonly examples?: readonly unknown[] };
  expect(examples).not.toEqual([]);
  const validate = validatorOf(schema);
  for (const example of examples) expect([validate(example), validate.errors]).toEqual([true, null]);
});

interface Content {
  readonly schema?: object;
  readonly examples?: Readonly<Record<string, Example<unknown>>>;
}

const bodies = documented.flatMap(({ route, method, path, operation }) => {
  const { content = {} } = (operation.requestBody ?? {}) as { readonly content?: Readonly<Record<string, Content>> };
  return Object.entries(content).flatMap(([type, { schema = {}, examples = {} }]) =>
    Object.entries(examples).map(([name, { value }]) => ({
      route,
      method,
      path,
      operation,
      type,
      schema,
      name,
      value,
    })),
  );
});

test('no test calls fetch without the check', async () => {
  const folder = import.meta.dirname;
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts'));
  const bare: string[] = [];
  for (const name of files) if (/(?<![\w.])fetch\(/.test(await readFile(join(folder, name), 'utf8'))) bare.push(name);
  expect(bare).toEqual([]);
});

describe('the request examples', () => {
  test('exist for every operation that has a body', () => {
    const withBody = documented.filter(({ operation }) => operation.requestBody !== undefined);
    expect([...new Set(bodies.map(({ route }) => route))]).toEqual(withBody.map(({ route }) => route));
  });

  test.each(bodies.filter(({ type }) => type === 'application/json'))(
    '$name of $route matches its schema',
    ({ schema, value }) => {
      const validate = validatorOf(schema);
      expect([validate(value), validate.errors]).toEqual([true, null]);
    },
  );

  // The key of the example is nobody's.
  const succeeding = bodies.filter(({ route }) => route !== 'POST /v1/session');
  test.each(succeeding)(
    '$name of $route succeeds as $type',
    async ({ route, method, path, operation, type, value }) => {
      const url = history.url + path.replace('{id}', await idFor(path)).replace('{image_id}', await imageIdFor(path));
      const isForm = type === 'multipart/form-data';
      const response = await fetchChecked(url, {
        method,
        headers: { ...ADMIN, ...(isForm ? {} : { 'content-type': type }) },
        body: isForm
          ? await formOf(value as Readonly<Record<string, unknown>>)
          : await withExisting(route, JSON.stringify(value)),
      });
      const successes = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      const text = await response.text();
      expect(successes, `the response: ${text}`).toContain(String(response.status));
    },
  );
});

/** The id of something new that the path can name. */
async function idFor(path: string): Promise<string> {
  if (path.startsWith('/v1/projects/')) return (await createProject(history.url, `project ${randomUUID()}`)).id;
  if (path.startsWith('/v1/api-keys/')) return (await createKey(history.url)).id;
  if (path.startsWith('/v1/webhooks/')) {
    const { body } = await post<{ id: string }>(history.url, '/v1/webhooks', { url: 'http://127.0.0.1:9/' });
    return body.id;
  }
  if (path.endsWith('/rerun')) return (await imageIdFor('{image_id}')).slice(0, -2);
  return path.includes('{id}') ? unresolved() : '';
}

async function imageIdFor(path: string): Promise<string> {
  if (!path.includes('{image_id}')) return '';
  const { headers } = await generate(history.url, { model: 'wan2.7-image', prompt: 'x', size: '1K' }, ADMIN);
  return `${headers.get('x-generation-id') ?? ''}-0`;
}

/** There is nothing to export of the generation of the examples, which does not exist. */
async function withExisting(route: string, body: string): Promise<string> {
  if (route !== 'POST /v1/exports') return body;
  const id = (await imageIdFor('{image_id}')).slice(0, -2);
  return body.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, id);
}

/** The id of a generation whose outcome is unknown. */
async function unresolved(): Promise<string> {
  const request = { model: 'wan2.7-image', prompt: 'x [[simulate status=500]]', size: '1K' };
  return (await generate(history.url, request, ADMIN)).headers.get('x-generation-id') ?? '';
}

/** A form with a file for each image. */
async function formOf(fields: Readonly<Record<string, unknown>>): Promise<FormData> {
  const form = new FormData();
  const image = await encodeImage({ format: 'png', width: 300, height: 300 });
  for (const [name, value] of Object.entries(fields)) {
    if (name !== 'image') form.append(name, String(value));
    else form.append(name, new Blob([new Uint8Array(image)]), String(value));
  }
  return form;
}
