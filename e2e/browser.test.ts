import { createHistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startTestServer } from '@wan-image/testing/http-server';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from './support/browser.ts';
import { startService, type Service } from './support/service.ts';

const resources = new AsyncDisposableStack();
let service: Service;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  service = resources.use(await startService({ DATA_DIR: folder.path, PORT: '0' }));
});
afterAll(() => resources.disposeAsync());

const recorded = async (): Promise<number> =>
  (await createHistoryClient({ baseUrl: service.url, apiKey: 'none' }).page()).data.length;

const BODY = JSON.stringify({ model: 'wan2.7-image', prompt: '偷', size: '1K' });

/** Tries, from within a page, every way in which a page can make the service generate. */
async function attack(page: Page, target: string): Promise<void> {
  await page.evaluate(
    async ([url, body]) => {
      const json = { 'content-type': 'application/json' };
      const plain = { 'content-type': 'text/plain' };
      const tries: RequestInit[] = [
        { method: 'POST', headers: json, body },
        { method: 'POST', headers: plain, body },
        { method: 'POST', mode: 'no-cors', headers: plain, body },
        { method: 'POST', mode: 'no-cors', body: new Blob([body], { type: 'application/json' }) },
        { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ prompt: 'x' }) },
      ];
      for (const init of tries) await fetch(url, init).catch(() => undefined);
      navigator.sendBeacon(url, new Blob([body], { type: 'text/plain' }));
    },
    [target, BODY] as const,
  );
  // A form whose only field is valid JSON when sent as text.
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${target}"><input name='{"model":"wan2.7-image","prompt":"偷","x":"' value='"}'></form>`,
  );
  await Promise.all([page.waitForNavigation(), page.evaluate(() => document.forms[0]?.submit())]);
}

describe('a web page cannot spend money through a keyless service', () => {
  test('not from another origin', async () => {
    await using evil = await startTestServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>');
    });
    await using browser = await openBrowser();
    const page = await browser.newPage();
    await page.goto(evil.url);
    await attack(page, `${service.url}/v1/images/generations`);
    expect(await recorded()).toBe(0);
  });

  test('not through DNS rebinding', async () => {
    await using browser = await openBrowser({ 'evil.example': '127.0.0.1' });
    const page = await browser.newPage();
    const rebound = service.url.replace('127.0.0.1', 'evil.example');
    const response = await page.goto(rebound);
    expect(response?.status()).toBe(403);
    // The page of the attacker, which the browser has from before the name was rebound. The policy of our own error would stop its form.
    await page.route(`${rebound}/attack`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>evil</title>' }),
    );
    await page.goto(`${rebound}/attack`);
    await attack(page, `${rebound}/v1/images/generations`);
    expect(await recorded()).toBe(0);
  });
});

describe('a page of an origin in CORS_ORIGINS', () => {
  interface Seen {
    readonly status: number;
    readonly id: string | null;
    readonly pixels: number;
  }

  /** What a page reads of a generation that it asks for, as OpenAI's SDK does. Rejects where the browser forbids it. */
  const generate = (page: Page, base: string): Promise<Seen> =>
    page.evaluate(async (url) => {
      const response = await fetch(`${url}/v1/images/generations`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer admin-key-for-pages',
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
          'x-stainless-retry-count': '0',
        },
        body: JSON.stringify({ model: 'wan2.7-image', prompt: '花', size: '1K' }),
      });
      const { data } = (await response.json()) as { data: { url: string }[] };
      const image = await createImageBitmap(await (await fetch(data[0]?.url ?? '')).blob());
      return { status: response.status, id: response.headers.get('x-generation-id'), pixels: image.width };
    }, base);

  test('generates, and reads images and headers; a page of another origin does not', async () => {
    const serve = () =>
      startTestServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>app</title>');
      });
    await using app = await serve();
    await using other = await serve();
    await using folder = await temporaryFolder();
    await using open = await startService({
      DATA_DIR: folder.path,
      PORT: '0',
      ADMIN_API_KEY: 'admin-key-for-pages',
      CORS_ORIGINS: app.url,
    });
    await using browser = await openBrowser();
    const page = await browser.newPage();
    await page.goto(app.url);
    expect(await generate(page, open.url)).toEqual({
      status: 200,
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      pixels: 1024,
    });
    await page.goto(other.url);
    await expect(generate(page, open.url)).rejects.toThrow('Failed to fetch');
    const history = createHistoryClient({ baseUrl: open.url, apiKey: 'admin-key-for-pages' });
    expect((await history.page()).data).toHaveLength(1);
  });
});

test('the API documentation lists the routes without the internet', async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(`${service.url}/docs`);
  await page.getByText('/v1/images/generations').first().waitFor();
  expect(await page.locator('.opblock').count()).toBeGreaterThanOrEqual(7);
});
