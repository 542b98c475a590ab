import type { ServiceInfo } from '@wan-image/core';
import { sendJson, startTestServer, type RecordedRequest, type TestServer } from '@wan-image/testing/http-server';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { onTestFinished, vi } from 'vitest';
import type { Language } from '../../src/i18n/language.ts';

/** Long enough for a machine that does other things as well. */
export const WAIT = { timeout: 30_000 };

/** The body of a response, or what makes it of a request, also later; by `GET /path` or `POST /path`. */
export type Routes = Readonly<Record<string, unknown>>;

const INFO: ServiceInfo = {
  version: '1.0.0',
  simulated: false,
  key_required: false,
  scopes: ['read', 'generate', 'manage'],
  prices: {},
  currency: 'CNY',
  search: { complete: true, indexed: 1 },
};

export const EMPTY_LIST = { object: 'list', data: [], has_more: false, next_cursor: null } as const;

/** A server with some routes of a history service. All others are as those of an empty one. */
export function startHistory(routes: Routes = {}, info: Partial<ServiceInfo> = {}) {
  const all: Routes = {
    'GET /v1/service': { ...INFO, ...info },
    'GET /v1/images': EMPTY_LIST,
    'GET /v1/images/timeline': { object: 'timeline', complete: true, data: [] },
    'GET /v1/generations': EMPTY_LIST,
    'GET /v1/tags': { object: 'list', data: [] },
    'GET /v1/jobs': { object: 'list', data: [] },
    'GET /v1/stats': { object: 'stats', from: '', to: '', complete: true, data: [] },
    ...routes,
  };
  return startTestServer(async (request, response) => {
    const route = all[`${request.method} ${urlOf(request).pathname}`];
    if (route === undefined)
      return sendJson(response, 404, { error: { message: 'No such route.', type: 'x', code: null } });
    const body = typeof route === 'function' ? await (route as (request: RecordedRequest) => unknown)(request) : route;
    sendJson(response, 200, body);
  });
}

/** Opens the page at a path, as the service serves it. */
export async function openPage(service: TestServer, path: string, language: Language = 'en') {
  (window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL(`${service.url}${path}`);
  // The page is a new one: its modules read the address when they are loaded.
  vi.resetModules();
  localStorage.clear();
  localStorage.setItem('wan-image.language', language);
  const { createGalleryRouter } = await import('../../src/app/router.tsx');
  const { createQueryClient } = await import('../../src/api/query-client.ts');
  const { loadTexts, Texts } = await import('../../src/i18n/texts.tsx');
  await loadTexts(language);
  const queries = createQueryClient();
  const router = createGalleryRouter(queries, createMemoryHistory({ initialEntries: [path] }));
  render(
    <Texts>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Texts>,
  );
  // What waits for the first image, which no document without a screen loads, comes when the visitor does something.
  const moving = setInterval(() => document.dispatchEvent(new Event('pointermove')), 10);
  onTestFinished(() => clearInterval(moving));
  return { router, user: userEvent.setup(), address: () => decodeURIComponent(router.state.location.href) };
}

export function urlOf({ path }: RecordedRequest): URL {
  return new URL(path, 'http://localhost');
}

/** The queries of the requests of a route so far. */
export function queriesOf({ requests }: TestServer, path: string): readonly URLSearchParams[] {
  return requests
    .map(urlOf)
    .filter(({ pathname }) => pathname === path)
    .map(({ searchParams }) => searchParams);
}
