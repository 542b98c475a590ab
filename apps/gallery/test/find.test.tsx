import type { SearchMatch } from '@wan-image/core';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { EMPTY_LIST, openPage, queriesOf, startHistory, urlOf, WAIT } from './support/open-page.tsx';
import { recordOf } from './support/record.ts';

const searchBox = (): Promise<HTMLInputElement> => screen.findByRole('searchbox', { name: 'Search' }, WAIT);
const alertWith = async (text: RegExp): Promise<void> =>
  waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(text), WAIT);

test('one Chinese character is enough, and a search leads to the library from every view', async () => {
  await using service = await startHistory();
  const { user, address } = await openPage(service, '/settings');
  await user.type(await searchBox(), '花');
  await waitFor(() => expect(address()).toBe('/?q=花'), WAIT);
  await waitFor(
    () => expect(queriesOf(service, '/v1/images').some((query) => query.get('q') === '花')).toBe(true),
    WAIT,
  );
});

test('while an input method composes, nothing is searched for', async () => {
  await using service = await startHistory();
  const { address, user } = await openPage(service, '/');
  const box = await searchBox();
  fireEvent.compositionStart(box);
  fireEvent.input(box, { target: { value: 'hua' }, isComposing: true });
  // Escape is that of the input method: it must not clear the box.
  fireEvent.keyDown(box, { key: 'Escape', isComposing: true });
  expect(box.value).toBe('hua');
  fireEvent.input(box, { target: { value: '花' }, isComposing: true });
  fireEvent.compositionEnd(box);
  await waitFor(() => expect(address()).toBe('/?q=花'), WAIT);
  await user.type(box, '店');
  await waitFor(() => expect(address()).toBe('/?q=花店'), WAIT);
  expect(queriesOf(service, '/v1/images').some((query) => query.get('q')?.includes('hua'))).toBe(false);
});

test('what is typed leads nobody back who has gone elsewhere, and takes back no filter', async () => {
  await using service = await startHistory();
  const { user, address, router } = await openPage(service, '/');
  const box = await searchBox();
  fireEvent.input(box, { target: { value: 'fox' } });
  await router.navigate({ to: '/', search: { favorite: true } });
  await waitFor(() => expect(address()).toBe('/?q=fox&favorite=true'), WAIT);
  fireEvent.input(box, { target: { value: 'fox in the snow' } });
  await router.navigate({ to: '/settings' });
  expect(address()).toBe('/settings');
  // Longer than what is typed waits.
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(address()).toBe('/settings');
  await user.click(box);
  await user.keyboard('{Control>}a{/Control}hare');
  await waitFor(() => expect(address()).toBe('/?q=hare'), WAIT);
});

test('a slash leads to the search, and Escape clears it', async () => {
  await using service = await startHistory();
  const { user, address } = await openPage(service, '/?q=fox&model=wan2.7-image');
  const box = await searchBox();
  expect(box.value).toBe('fox');
  await user.keyboard('/');
  expect(document.activeElement).toBe(box);
  await user.keyboard('{Escape}');
  await waitFor(() => expect(address()).toBe('/?model=wan2.7-image'), WAIT);
  expect(box.value).toBe('');
});

test.each([
  ['字'.repeat(201), 'en', /At most 200 characters/],
  ['a b c d e f g h i j k', 'en', /At most 10 words/],
  ['a b c d e f g h i j k', 'zh', /最多 10 个词/],
] as const)('a search that is refused says why at the box, and is not sent (%#)', async (text, language, words) => {
  await using service = await startHistory();
  const { address } = await openPage(service, '/', language);
  const box = await screen.findByRole('searchbox', {}, WAIT);
  fireEvent.input(box, { target: { value: text } });
  await alertWith(words);
  fireEvent.submit(box);
  expect([box.getAttribute('aria-invalid'), address()]).toEqual(['true', '/']);
  expect(service.requests.some(({ path }) => path.includes('q='))).toBe(false);
});

test('every filter of a URL is a chip, and can be removed', async () => {
  await using service = await startHistory();
  const query =
    'model=wan2.7-image&state=failed&state=queued&size=2K&size=1024x768&tag=冬天&tag=a%26b&favorite=true&has_input_image=false' +
    '&source=n8n&created_after=2026-11-01&seed=7&user=ann&metadata[order]=4711&simulated=false&outcome=unknown';
  const { user, address } = await openPage(service, `/?${query}`);
  const chips = await screen.findByRole('list', { name: 'Active filters' }, WAIT);
  expect(
    within(chips)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual([
    'wan2.7-image',
    'Failed',
    'Queued',
    'Billing unknown',
    '2K',
    '1024x768',
    '冬天',
    'a&b',
    'n8n',
    'order = 4711',
    'Favorites',
    expect.stringMatching(/^Since .*2026/) as string,
    'Without input images',
    'Seed 7',
    'User ann',
    'Not simulated',
  ]);
  await waitFor(() => {
    const sent = queriesOf(service, '/v1/images').find((one) => one.has('model'));
    expect(sent?.getAll('size')).toEqual(['2K', '1024x768']);
  }, WAIT);
  for (const name of ['Failed', 'order = 4711', '1024x768']) {
    await user.click(screen.getByRole('button', { name: `Remove filter: ${name}` }));
    await waitFor(() => expect(screen.queryByText(name)).toBeNull(), WAIT);
  }
  expect(address()).toContain('state=queued');
  expect(address()).not.toMatch(/failed|4711|1024x768/);
  await user.click(screen.getByRole('button', { name: 'Clear all' }));
  await waitFor(() => expect(address()).toBe('/'), WAIT);
});

test('the menu of filters adds them to the URL', async () => {
  await using service = await startHistory({
    'GET /v1/tags': { object: 'list', data: [{ tag: 'spring', generations: 3 }] },
    'GET /v1/stats': {
      object: 'stats',
      from: '',
      to: '',
      complete: true,
      data: [statisticsRow({ source: 'n8n' }), statisticsRow({ source: 'other' })],
    },
  });
  const { user, address } = await openPage(service, '/?q=fox');
  await user.click(await screen.findByRole('button', { name: 'Filters' }, WAIT));
  const menu = within(await screen.findByRole('dialog', { name: 'Filters' }, WAIT));
  await user.click(menu.getByRole('checkbox', { name: '4K' }));
  await user.click(await menu.findByRole('checkbox', { name: /^spring/ }, WAIT));
  await user.click(await menu.findByRole('checkbox', { name: 'n8n' }, WAIT));
  expect(menu.queryByRole('checkbox', { name: 'other' })).toBeNull();
  await user.click(menu.getByRole('radio', { name: 'Only favorites' }));
  await user.click(menu.getByRole('radio', { name: 'With input images' }));
  await user.type(menu.getByRole('textbox', { name: 'Width x height' }), '1280 × 720{Enter}');
  await user.click(menu.getByRole('button', { name: 'Today' }));
  await waitFor(() => expect(address()).toContain('created_before'), WAIT);
  const params = new URLSearchParams(address().slice(2));
  expect(
    Object.fromEntries(['q', 'tag', 'source', 'favorite', 'has_input_image'].map((name) => [name, params.get(name)])),
  ).toEqual({
    q: 'fox',
    tag: 'spring',
    source: 'n8n',
    favorite: 'true',
    has_input_image: 'true',
  });
  expect(params.getAll('size')).toEqual(['4K', '1280x720']);
  const after = new Date(params.get('created_after') ?? '');
  expect([after.getHours(), after.toDateString()]).toEqual([0, new Date().toDateString()]);
  expect(screen.getByRole('button', { name: 'Filters 7 are active' })).toBeTruthy();
});

test('a count that is capped is no exact number, and an index that is incomplete is mentioned', async () => {
  await using service = await startHistory({
    'GET /v1/images': {
      ...EMPTY_LIST,
      count: { value: 1000, capped: true },
      search: { complete: false, indexed: 0.42 },
    },
  });
  await openPage(service, '/?q=fox');
  expect(await screen.findByText('1000+ images', {}, WAIT)).toBeTruthy();
  expect(await screen.findByText(/search index is 42% complete/, {}, WAIT)).toBeTruthy();
});

const HOSTILE = '<img src=x onerror=alert(1)> red fox';

test('the list shows what a search has found where, and more on demand', async () => {
  const matches: SearchMatch[] = [
    { field: 'prompt', index: null, ranges: [[33, 36]] },
    { field: 'note', index: null, ranges: [[4, 7]] },
    { field: 'tag', index: 0, ranges: [[0, 3]] },
  ];
  const first = recordOf({ prompt: HOSTILE, note: 'the fox again', tags: ['fox & co'], matches });
  const second = recordOf({
    id: '019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6072',
    prompt: 'another fox',
    images: [],
    state: 'failed',
  });
  await using service = await startHistory({
    'GET /v1/generations': (request: Parameters<typeof urlOf>[0]) =>
      urlOf(request).searchParams.get('cursor') === 'next'
        ? { ...EMPTY_LIST, data: [second] }
        : { object: 'list', data: [first], has_more: true, next_cursor: 'next' },
  });
  const { user } = await openPage(service, '/?q=fox');
  await user.click(await screen.findByRole('button', { name: 'List' }, WAIT));
  const results = await screen.findByRole('list', { name: 'Results' }, WAIT);
  const [row] = within(results).getAllByRole('listitem');
  expect(Array.from(row?.querySelectorAll('mark') ?? [], ({ textContent }) => textContent)).toEqual([
    'fox',
    'fox',
    'fox',
  ]);
  expect(row?.textContent).toContain(HOSTILE);
  expect(row?.querySelector('[onerror]')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show more' }));
  const last = await within(results).findByText('another fox', {}, WAIT);
  const [link, next] = within(results).getAllByRole('link');
  link?.focus();
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(next);
  expect(next?.contains(last)).toBe(true);
  expect([link?.getAttribute('href'), next?.getAttribute('href')]).toEqual([
    `/view/${first.id}-0?q=fox`,
    `/generations/${second.id}`,
  ]);
});

function drop(file: File): void {
  const event = new Event('drop', { bubbles: true, cancelable: true });
  Object.assign(event, { dataTransfer: { types: ['Files'], files: [file] } });
  window.dispatchEvent(event);
}

const FILE = new File(['bytes of an image'], 'fox.png', { type: 'image/png' });
const HASH = createHash('sha256').update('bytes of an image').digest('hex');

test('a file that is dropped on the library leads to its record, in the bin as well', async () => {
  const isInBin = (request: Parameters<typeof urlOf>[0]): boolean =>
    urlOf(request).searchParams.get('deleted') === 'true';
  await using service = await startHistory({
    'GET /v1/generations': (request: Parameters<typeof urlOf>[0]) => ({
      ...EMPTY_LIST,
      data: isInBin(request) ? [recordOf()] : [],
    }),
  });
  const { address } = await openPage(service, '/');
  await searchBox();
  drop(FILE);
  await waitFor(() => expect(address()).toBe(`/?image_sha256=${HASH}&deleted=true`), WAIT);
  expect(await screen.findByRole('list', { name: 'Results' }, WAIT)).toBeTruthy();
});

test('a file that is not of this history can become an input', async () => {
  await using service = await startHistory();
  const { user, address } = await openPage(service, '/settings');
  const box = await searchBox();
  fireEvent.paste(box, { clipboardData: { files: [FILE] } });
  expect(await screen.findByRole('dialog', { name: 'Not in this history' }, WAIT)).toBeTruthy();
  expect(screen.getByText(/^fox\.png was neither generated nor used here/)).toBeTruthy();
  expect(queriesOf(service, '/v1/generations').map((query) => query.get('image_sha256'))).toContain(HASH);
  await user.click(screen.getByRole('button', { name: 'Use as input image' }));
  await waitFor(() => expect(address()).toMatch(/^\/create/), WAIT);
});

test('a key that may not generate is not offered to use a file', async () => {
  await using service = await startHistory({}, { scopes: ['read'], key_required: true });
  await openPage(service, '/');
  fireEvent.paste(await searchBox(), { clipboardData: { files: [FILE] } });
  await screen.findByRole('dialog', { name: 'Not in this history' }, WAIT);
  expect(screen.queryByRole('button', { name: 'Use as input image' })).toBeNull();
});

function statisticsRow(group: { readonly source: string }) {
  return {
    ...group,
    simulated: false,
    generations: { succeeded: 1, failed: 0, canceled: 0 },
    unknown: 0,
    failures: {},
    images: 1,
    cost: {},
    latency: null,
    stored_bytes: 1,
    deleted_bytes: 0,
  };
}
