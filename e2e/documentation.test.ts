import { expect, test } from 'vitest';
import { openBrowser } from './support/browser.ts';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startService } from './support/service.ts';

test('the documentation at /docs sends a request under its own content security policy', async () => {
  await using folder = await temporaryFolder();
  await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${service.url}/docs`);
  const operation = page.locator('.opblock', { hasText: '/healthz' });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table', { hasText: '"status": "ok"' }).waitFor();
  expect(problems).toEqual([]);
});
