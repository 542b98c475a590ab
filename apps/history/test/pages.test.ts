import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchChecked, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const { version: VERSION } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

test('the documentation loads nothing from other hosts', async () => {
  const page = await (await fetchChecked(`${history.url}/docs`)).text();
  expect(page).toContain('swagger-ui');
  expect(page).not.toMatch(/(?:src|href)="https?:/);
});

test('the documentation has the title and the icon of the service', async () => {
  const page = await (await fetchChecked(`${history.url}/docs`)).text();
  expect(page).toContain('<title>wan-image API</title>');
  expect(page).toMatch(/<link [^>]*icon[^>]*href='data:image\/svg\+xml,[^']+'/);
});

test('the health checks report each dependency', async () => {
  expect((await get(history.url, '/healthz')).body).toEqual({ status: 'ok', version: VERSION, commit: null });
  expect((await get(history.url, '/readyz')).body).toEqual({
    status: 'ready',
    checks: { database: 'ok', store: 'ok', spool: 'ok' },
  });
});
