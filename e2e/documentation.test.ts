import { createHistoryClient } from '@wan-image/core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser } from './support/browser.ts';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startService } from './support/service.ts';

/** Presses "Try it out" and "Execute" of a route, changes nothing, and returns the status that the page shows. */
async function tryItOut(page: Page, operationId: string): Promise<string | null> {
  const operation = page.locator(`.opblock[id$="-${operationId}"]`);
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  const status = operation.locator('.live-responses-table tbody .response-col_status').first();
  await status.waitFor();
  return /\d+/.exec((await status.textContent()) ?? '')?.[0] ?? null;
}

test('"Try it out" of the documentation at /docs works as it is offered, under its own content security policy', async () => {
  await using folder = await temporaryFolder();
  await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
  await using browser = await openBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${service.url}/docs`);
  for (const operationId of ['isAlive', 'generateImages', 'listGenerations'])
    expect([operationId, await tryItOut(page, operationId)]).toEqual([operationId, '200']);
  expect(problems).toEqual([]);
  const { data } = await createHistoryClient({ baseUrl: service.url, apiKey: 'any' }).page();
  expect(data).toMatchObject([{ state: 'succeeded', source: 'api' }]);
});
