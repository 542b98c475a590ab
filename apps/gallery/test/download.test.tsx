import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { imagesOf, startLibrary } from './support/library-service.ts';
import { openPage, WAIT, type Routes } from './support/open-page.tsx';

// A document without a screen has no sizes.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800);
  sessionStorage.clear();
});
afterEach(() => vi.restoreAllMocks());

/** How many images each of the archives has that are downloaded of all images of a library. */
async function sizesOf(images: number, routes: Routes, archives: number): Promise<readonly number[]> {
  const links: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    links.push(this.href);
  });
  await using service = await startLibrary(Array.from({ length: images }, (_, at) => imagesOf(at)).flat(), routes);
  const { user } = await openPage(service, '/');
  await screen.findByRole('link', { name: 'Image 0' }, WAIT);
  await user.click(screen.getByRole('button', { name: /^Select .*November/ }));
  await user.click(await screen.findByRole('button', { name: 'Download as zip' }, WAIT));
  await waitFor(() => expect(links).toHaveLength(archives), WAIT);
  return links.map((link) => new URL(link).searchParams.getAll('image_id').length);
}

test('a selection is one archive', async () => {
  expect(await sizesOf(250, { 'HEAD /favicon.svg': {} }, 1)).toEqual([250]);
});

test('behind a proxy that takes no such URL it is several', async () => {
  expect(await sizesOf(400, {}, 3)).toEqual([150, 150, 100]);
});
