import type { BulkChange } from '@wan-image/core';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import type { TestServer } from '@wan-image/testing/http-server';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { imagesOf, startLibrary } from './support/library-service.ts';
import { openPage, queriesOf, startHistory, WAIT } from './support/open-page.tsx';

// A document without a screen has no sizes.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800);
  sessionStorage.clear();
});
afterEach(() => vi.restoreAllMocks());

const FOUR = [...imagesOf(1), ...imagesOf(2), ...imagesOf(3), ...imagesOf(4)];

const image = (name: string | RegExp): Promise<HTMLElement> => screen.findByRole('link', { name }, WAIT);
const names = (): readonly string[] => screen.queryAllByRole('img').map((one) => one.getAttribute('alt') ?? '');

/** The bulk changes that were asked for. */
function changesOf({ requests }: TestServer): readonly BulkChange[] {
  return requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body) as BulkChange);
}

/** The focus comes to the grid, which leads it to an image: to `name`, if there is one. */
async function enter(name?: string): Promise<void> {
  if (name !== undefined) (await image(name)).focus();
  const region = await screen.findByRole('region', { name: 'Images' }, WAIT);
  await waitFor(() => {
    region.blur();
    region.focus();
    expect(focused()).toBeDefined();
  }, WAIT);
}

/** The name of the image whose link has the focus. */
const focused = (): string | null | undefined =>
  document.activeElement?.closest('a')?.querySelector('img')?.getAttribute('alt');

/** A file of the page that the browser cannot load. */
function withoutFile(path: string): void {
  vi.doMock(path, () => {
    throw new Error('Failed to fetch dynamically imported module');
  });
  onTestFinished(() => vi.doUnmock(path));
}

test('an empty library leads to a first image, and says that it is simulated', async () => {
  await using service = await startHistory({}, { simulated: true });
  await openPage(service, '/');
  const example = await screen.findByRole('link', { name: 'Try an example prompt' }, WAIT);
  expect(example.getAttribute('href')).toBe('/create?example=1');
  expect(screen.getByText(/simulated, because no upstream key is set/)).toBeDefined();
});

test('images are grouped by day, at this host and in the right size', async () => {
  await using service = await startLibrary([...FOUR, ...imagesOf(5, 1, { created_at: '2025-03-01T12:00:00.000Z' })]);
  await openPage(service, '/');
  const first = within(await image('Image 1')).getByRole('img');
  expect(first.getAttribute('srcset')).toContain(
    '/images/01a223b2-a97f-71ba-96ae-000000000001-0?key=own&signature=x&width=320',
  );
  expect(first.getAttribute('srcset')).not.toContain('elsewhere');
  expect(screen.getByRole('heading', { name: /Saturday,? 1 March 2025/ })).toBeDefined();
  // What is read is asked for by the days of the timeline.
  expect(queriesOf(service, '/v1/images').map((query) => query.get('limit'))).toContain('1000');
});

test('an image that is being stored appears once it is, although no count changes', async () => {
  await using service = await startLibrary([...imagesOf(1), ...imagesOf(2, 1, { state: 'pending' })]);
  await openPage(service, '/');
  const link = await image(/^Image 2/);
  expect(link.querySelector('img')).toBeNull();
  service.state.images = [...imagesOf(1), ...imagesOf(2)];
  await waitFor(() => expect(link.querySelector('img')).not.toBeNull(), WAIT);
});

test('a set is one stack, which opens and closes where it is', async () => {
  await using service = await startLibrary([...imagesOf(1), ...imagesOf(2, 4), ...imagesOf(3)]);
  const { user } = await openPage(service, '/');
  await image('Set 2, set of 4 images');
  expect(names()).toHaveLength(3);
  await user.click(await screen.findByRole('button', { name: 'Open the set of 4 images' }, WAIT));
  expect(names()).toEqual(['Image 1', 'Set 2', 'Set 2', 'Set 2', 'Set 2', 'Image 3']);
  await user.click(await screen.findByRole('button', { name: 'Close the set' }, WAIT));
  expect(names()).toHaveLength(3);
});

test('the favorite of a set is its cover', async () => {
  const [first, second] = imagesOf(1, 2);
  if (first === undefined || second === undefined) throw new Error('two images are expected');
  await using service = await startLibrary([first, { ...second, favorite: true }]);
  await openPage(service, '/');
  expect((await image('Set 1, set of 2 images, favorite')).getAttribute('href')).toBe(`/view/${second.id}`);
});

test('arrows move, Enter opens with the same filter, and one comes back to the same image', async () => {
  await using service = await startLibrary(FOUR);
  const { user, address, router } = await openPage(service, '/?q=Image');
  await image('Image 1');
  await enter();
  expect(focused()).toBe('Image 1');
  await user.keyboard('{ArrowRight}{ArrowRight}{ArrowLeft}');
  expect(focused()).toBe('Image 2');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(address()).toBe('/view/01a223b2-a97f-71ba-96ae-000000000002-0?q=Image'), WAIT);
  router.history.back();
  await image('Image 1');
  await waitFor(() => expect(focused()).toBe('Image 2'), WAIT);
});

test('a favorite is shown at once, and taken back when the service refuses it', async () => {
  const refuse = Promise.withResolvers<undefined>();
  await using service = await startLibrary(FOUR, {
    'POST /v1/generations/bulk': () => refuse.promise,
  });
  const { user } = await openPage(service, '/');
  await enter('Image 1');
  await user.keyboard('f');
  await waitFor(() => expect(names()[0]).toBe('Image 1, favorite'), WAIT);
  refuse.resolve(undefined);
  await waitFor(() => expect(names()[0]).toBe('Image 1'), WAIT);
});

test('the selection knows of each mark, and of one that is taken back, whoever has set it', async () => {
  let isRefused = false;
  await using service = await startLibrary([...imagesOf(1, 1, { favorite: true }), ...imagesOf(2)], {
    'POST /v1/generations/bulk': () => (isRefused ? {} : { object: 'bulk_result', matched: 1, changed: 1 }),
  });
  const { user } = await openPage(service, '/');
  await enter('Image 2');
  await user.keyboard('x');
  const bar = within(await screen.findByRole('toolbar', { name: 'Selection' }, WAIT));
  await bar.findByRole('button', { name: 'Add to favorites' }, WAIT);
  // By the key, then by the heart of the image.
  await user.keyboard('f');
  await bar.findByRole('button', { name: 'Remove from favorites' }, WAIT);
  const [, heart] = screen.getAllByRole('button', { name: 'Favorite' });
  if (heart === undefined) throw new Error('two images are expected');
  await user.click(heart);
  await bar.findByRole('button', { name: 'Add to favorites' }, WAIT);
  (await image('Image 1, favorite')).focus();
  await user.keyboard('x');
  isRefused = true;
  await user.click(bar.getByRole('button', { name: 'Add to favorites' }));
  await screen.findAllByText('The service failed', {}, WAIT);
  expect(changesOf(service).at(-1)?.image_ids).toEqual([imagesOf(2)[0]?.id]);
  await bar.findByRole('button', { name: 'Add to favorites' }, WAIT);
  await waitFor(() => expect(names()).toEqual(['Image 1, favorite', 'Image 2']), WAIT);
});

test('a deletion asks nothing, goes on to the next image, and can be undone', async () => {
  await using service = await startLibrary(FOUR);
  const { user } = await openPage(service, '/');
  await enter('Image 2');
  await user.keyboard('{Delete}');
  await waitFor(() => expect(names()).toEqual(['Image 1', 'Image 3', 'Image 4']), WAIT);
  await waitFor(() => expect(focused()).toBe('Image 3'), WAIT);
  // Its only image is the whole generation: the record goes with it.
  await waitFor(() => expect(changesOf(service)).toEqual([{ ids: [FOUR[1]?.generation_id], action: 'delete' }]), WAIT);
  await user.click(await screen.findByRole('button', { name: 'Undo' }, WAIT));
  await waitFor(() => expect(names()).toHaveLength(4), WAIT);
});

test('a key that is held deletes and marks once, and goes on moving', async () => {
  await using service = await startLibrary(FOUR);
  const { user } = await openPage(service, '/');
  await enter('Image 1');
  const hold = (key: string): void => {
    fireEvent.keyDown(document.activeElement ?? document.body, { key, repeat: true });
  };
  hold('ArrowRight');
  expect(focused()).toBe('Image 2');
  await user.keyboard('{Delete}');
  await waitFor(() => expect(focused()).toBe('Image 3'), WAIT);
  for (const key of ['Delete', 'Backspace', 'x', 'f']) hold(key);
  await user.keyboard('{Delete}');
  await waitFor(() => expect(names()).toEqual(['Image 1', 'Image 4']), WAIT);
  await waitFor(() => expect(changesOf(service)).toHaveLength(2), WAIT);
  expect(changesOf(service).map(({ ids }) => ids)).toEqual([[FOUR[1]?.generation_id], [FOUR[2]?.generation_id]]);
});

test('a deletion does not depend on the file that leads the keyboard on', async () => {
  await using service = await startLibrary(FOUR);
  withoutFile('../src/library/move-on.ts');
  const { user } = await openPage(service, '/');
  await enter('Image 2');
  await user.keyboard('{Delete}');
  await waitFor(() => expect(names()).toEqual(['Image 1', 'Image 3', 'Image 4']), WAIT);
  await waitFor(() => expect(changesOf(service)).toHaveLength(1), WAIT);
});

test('a change whose file cannot be loaded is taken back, and said to have changed nothing', async () => {
  await using service = await startLibrary(FOUR);
  withoutFile('../src/api/client.ts');
  const { user } = await openPage(service, '/');
  await enter('Image 2');
  await user.keyboard('{Delete}');
  // A toast says it twice: once for screen readers.
  expect((await screen.findAllByText(/Nothing was changed\. Load the page again/, {}, WAIT)).length).toBeGreaterThan(0);
  await waitFor(() => expect(names()).toHaveLength(4), WAIT);
  expect(changesOf(service)).toEqual([]);
});

test('a message appears, with its button, also where the file that draws toasts cannot be loaded', async () => {
  await using service = await startLibrary(FOUR);
  withoutFile('../src/ui/toasts.tsx');
  const { user } = await openPage(service, '/');
  await enter('Image 2');
  await user.keyboard('{Delete}');
  const alert = await screen.findByText('The image is in the bin', {}, WAIT);
  expect(alert.closest('[role="alert"]')).not.toBeNull();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(names()).toHaveLength(4), WAIT);
  await waitFor(() => expect(changesOf(service)).toHaveLength(2), WAIT);
});

test('one image of a set is deleted by itself', async () => {
  await using service = await startLibrary(imagesOf(7, 3));
  const { user } = await openPage(service, '/');
  await user.click(await screen.findByRole('button', { name: 'Open the set of 3 images' }, WAIT));
  await waitFor(() => expect(names()).toHaveLength(3), WAIT);
  const [, second] = await screen.findAllByRole('button', { name: 'Select' }, WAIT);
  if (second === undefined) throw new Error('the second image is expected');
  await user.click(second);
  await user.click(await screen.findByRole('button', { name: 'Move to the bin' }, WAIT));
  await waitFor(
    () =>
      expect(changesOf(service)).toEqual([{ image_ids: ['01a223b2-a97f-71ba-96ae-000000000007-1'], action: 'delete' }]),
    WAIT,
  );
});

test('a click with Shift selects everything between, and Escape ends the selection', async () => {
  await using service = await startLibrary(FOUR);
  const { user } = await openPage(service, '/');
  await image('Image 1');
  const [first, , , fourth] = await screen.findAllByRole('button', { name: 'Select' }, WAIT);
  if (first === undefined || fourth === undefined) throw new Error('four images are expected');
  await user.click(first);
  await user.keyboard('{Shift>}');
  await user.click(fourth);
  await user.keyboard('{/Shift}');
  expect(await screen.findByText('4 selected', {}, WAIT)).toBeDefined();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('toolbar')).toBeNull(), WAIT);
});

test('while something is selected a click selects, too', async () => {
  await using service = await startLibrary(FOUR);
  const { user, address } = await openPage(service, '/');
  await image('Image 1');
  const [select] = await screen.findAllByRole('button', { name: 'Select' }, WAIT);
  if (select === undefined) throw new Error('an image is expected');
  await user.click(select);
  await user.click(await image('Image 3'));
  expect(await screen.findByText('2 selected', {}, WAIT)).toBeDefined();
  expect(address()).toBe('/');
  // Two to four can be compared.
  await user.click(screen.getByRole('button', { name: 'Compare' }));
  await waitFor(() => expect(address()).toBe(`/compare?image=${FOUR[0]?.id}&image=${FOUR[2]?.id}`), WAIT);
});

test('tags are added to the generations of the selected images', async () => {
  await using service = await startLibrary([...FOUR, ...imagesOf(9, 2)]);
  const { user } = await openPage(service, '/');
  await image('Image 1');
  await user.click(screen.getByRole('button', { name: /^Select .*November/ }));
  await user.click(await screen.findByRole('button', { name: 'Tags' }, WAIT));
  await user.type(await screen.findByLabelText('Tag to add', {}, WAIT), '  <b>猫</b> {Enter}');
  await waitFor(
    () =>
      expect(changesOf(service)).toEqual([
        {
          ids: [...FOUR, ...imagesOf(9)].map(({ generation_id }) => generation_id),
          action: 'update',
          add_tags: ['<b>猫</b>'],
        },
      ]),
    WAIT,
  );
});

test('in the bin, images are restored, or deleted for good after a question', async () => {
  await using service = await startLibrary(FOUR.map((one) => ({ ...one, deleted_at: '2026-11-28T00:00:00.000Z' })));
  const { user } = await openPage(service, '/?deleted=true');
  await image('Image 1');
  const [first] = await screen.findAllByRole('button', { name: 'Select' }, WAIT);
  if (first === undefined) throw new Error('an image is expected');
  await user.click(first);
  await user.click(await screen.findByRole('button', { name: 'Restore' }, WAIT));
  await waitFor(() => expect(names()).toEqual(['Image 2', 'Image 3', 'Image 4']), WAIT);
  const [second] = await screen.findAllByRole('button', { name: 'Select' }, WAIT);
  if (second === undefined) throw new Error('an image is expected');
  await user.click(second);
  await user.click(await screen.findByRole('button', { name: 'Delete for good' }, WAIT));
  const dialog = await screen.findByRole('dialog', { name: 'Delete one image for good?' }, WAIT);
  expect(changesOf(service).some(({ action }) => action === 'purge')).toBe(false);
  await user.click(within(dialog).getByRole('button', { name: 'Delete for good' }));
  await waitFor(() => expect(names()).toEqual(['Image 3', 'Image 4']), WAIT);
});

test('a filtered list grows page by page', async () => {
  const many = Array.from({ length: 450 }, (_, at) => imagesOf(at)).flat();
  await using service = await startLibrary(many);
  await openPage(service, '/?q=Image');
  await image('Image 0');
  const scroller = screen.getByRole('region', { name: 'Images' });
  const cursors = (): readonly string[] =>
    queriesOf(service, '/v1/images').flatMap((query) => query.get('cursor') ?? []);
  const toEnd = (): void => {
    const height = Number.parseFloat((scroller.firstElementChild as HTMLElement).style.height);
    scroller.scrollTop = height - 800;
    fireEvent.scroll(scroller);
    expect(cursors()).toEqual(['200', '400']);
  };
  await waitFor(toEnd, { ...WAIT, interval: 300 });
  // Only what is near exists in the document.
  expect(names().length).toBeLessThan(120);
});

test('new images of elsewhere wait while one is further down, and appear at the top', async () => {
  const many = Array.from({ length: 300 }, (_, at) => imagesOf(at)).flat();
  await using service = await startLibrary(many);
  const { user } = await openPage(service, '/');
  await image('Image 0');
  const scroller = screen.getByRole('region', { name: 'Images' });
  scroller.scrollTop = 3000;
  fireEvent.scroll(scroller);
  service.state.images = [...imagesOf(900), ...imagesOf(901), ...many];
  // The page looks again when it gets the focus.
  fireEvent(window, new Event('visibilitychange'));
  const pill = await screen.findByRole('button', { name: '2 new images' }, WAIT);
  expect(scroller.scrollTop).toBe(3000);
  await user.click(pill);
  await image('Image 900');
});

test.each(['/', '/create', '/activity', '/statistics', '/settings', '/compare', '/generations/none', '/view/none-0'])(
  'the help opens in every view (%s)',
  async (path) => {
    vi.stubGlobal('Path2D', class {});
    await using service = await startLibrary(FOUR);
    const { user } = await openPage(service, path);
    await screen.findByRole('heading', { level: 1 }, WAIT);
    await user.keyboard('?');
    expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' }, WAIT)).toBeDefined();
  },
);

test('the help lists what keys do', async () => {
  await using service = await startLibrary(FOUR);
  const { user } = await openPage(service, '/', 'zh');
  await image('Image 1');
  await user.keyboard('?');
  const dialog = await screen.findByRole('dialog', { name: '键盘快捷键' }, WAIT);
  expect(within(dialog).getByText('移到回收站', { selector: 'section:nth-of-type(2) dt' })).toBeDefined();
});

test('a key that may only read is offered nothing that it may not do', async () => {
  await using service = await startLibrary(FOUR, {
    'GET /v1/service': {
      version: '1.0.0',
      simulated: false,
      key_required: true,
      scopes: ['read'],
      prices: {},
      currency: 'CNY',
      search: { complete: true, indexed: 1 },
    },
  });
  const { user } = await openPage(service, '/');
  await enter('Image 1');
  await user.keyboard('f{Delete}');
  const [select] = await screen.findAllByRole('button', { name: 'Select' }, WAIT);
  if (select === undefined) throw new Error('an image is expected');
  await user.click(select);
  const bar = await screen.findByRole('toolbar', {}, WAIT);
  expect(within(bar).queryByRole('button', { name: 'Move to the bin' })).toBeNull();
  expect(within(bar).getByRole('button', { name: 'Download as zip' })).toBeDefined();
  expect(changesOf(service)).toEqual([]);
});

test('a service that fails is told, and read again', async () => {
  let isBroken = true;
  await using service = await startLibrary(FOUR, {
    'GET /v1/images/timeline': () =>
      isBroken ? { nonsense: true } : { object: 'timeline', complete: true, data: [{ day: '2025-11-27', images: 4 }] },
  });
  const { user } = await openPage(service, '/');
  const retry = await screen.findByRole('button', { name: 'Try again' }, WAIT);
  isBroken = false;
  await user.click(retry);
  expect(await image('Image 1')).toBeDefined();
});
