import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ICON } from './icon.ts';

test('the icon of the documentation is that of the gallery', async () => {
  const icon = await readFile(new URL('../../../gallery/public/favicon.svg', import.meta.url), 'utf8');
  expect(decodeURIComponent(ICON)).toBe(`data:image/svg+xml,${icon.trim()}`);
});
