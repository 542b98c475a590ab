import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { imagesOf, startLibrary } from './support/library-service.ts';
import { openPage, WAIT } from './support/open-page.tsx';

// A document without a screen has no sizes.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800);
  sessionStorage.clear();
});
afterEach(() => vi.restoreAllMocks());

const WITH_KEY = {
  'GET /v1/service': {
    version: '1.0.0',
    simulated: false,
    key_required: true,
    scopes: ['read', 'generate', 'manage'],
    prices: {},
    currency: 'CNY',
    search: { complete: true, indexed: 1 },
  },
};

async function signOut(user: Awaited<ReturnType<typeof openPage>>['user']): Promise<void> {
  const more = await screen.findByRole('button', { name: 'More' }, WAIT);
  // The menu arrives after the first view.
  await user.hover(more);
  await waitFor(
    () => expect(screen.getByRole('button', { name: 'More' }).getAttribute('aria-haspopup')).toBe('menu'),
    WAIT,
  );
  await user.click(screen.getByRole('button', { name: 'More' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }, WAIT));
}

test('a sign-out that fails is said, and changes nothing, also without a connection', async () => {
  // The service has no such route.
  await using service = await startLibrary(imagesOf(0), WITH_KEY);
  const { user } = await openPage(service, '/');
  await screen.findByRole('link', { name: 'Image 0' }, WAIT);
  const { onlineManager } = await import('@tanstack/react-query');
  onlineManager.setOnline(false);
  try {
    await signOut(user);
    expect((await screen.findAllByText('It no longer exists', {}, WAIT)).length).toBeGreaterThan(0);
    expect(screen.queryByRole('dialog', { name: 'Sign in' })).toBeNull();
    expect(screen.getByRole('link', { name: 'Image 0' })).toBeDefined();
  } finally {
    onlineManager.setOnline(true);
  }
});
