import type { ImageListItem } from '@wan-image/core';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { EMPTY_LIST, openPage, queriesOf, startHistory, urlOf, WAIT, type Routes } from './support/open-page.tsx';
import { GENERATION_ID, imageOf, inputImageOf, recordOf } from './support/record.ts';

const NEWER_ID = '019ab2c5-0000-7000-8000-000000000001';
const OLDER_ID = '019ab2c3-0000-7000-8000-000000000002';

const SHOWN = recordOf({ prompt: 'A fox' });
const NEWER = recordOf({ id: NEWER_ID, prompt: 'Newer', created_at: '2026-11-28T11:00:00.000Z' });
const OLDER = recordOf({ id: OLDER_ID, prompt: 'Older', created_at: '2026-11-28T09:00:00.000Z' });

function itemOf(record: ReturnType<typeof recordOf>): ImageListItem {
  const image = record.images[0] ?? imageOf();
  return {
    id: image.id,
    object: 'image',
    generation_id: record.id,
    index: 0,
    set_size: record.images.length,
    state: 'stored',
    width: 2048,
    height: 1024,
    thumbhash: null,
    url: image.url ?? '',
    favorite: false,
    deleted_at: null,
    prompt: record.prompt,
    model: record.model,
    created_at: record.created_at,
  };
}

/** Three generations with an image each; the lists are as a service has them. */
function threeImages(changes: Routes = {}): Routes {
  const items = [NEWER, SHOWN, OLDER].map(itemOf);
  return {
    [`GET /v1/generations/${NEWER_ID}`]: NEWER,
    [`GET /v1/generations/${GENERATION_ID}`]: SHOWN,
    [`GET /v1/generations/${OLDER_ID}`]: OLDER,
    'GET /v1/images': (request: { readonly path: string }) => {
      const query = new URL(request.path, 'http://localhost').searchParams;
      const data = items.filter(
        ({ created_at }) =>
          created_at >= (query.get('created_after') ?? '') && created_at < (query.get('created_before') ?? '9'),
      );
      return { ...EMPTY_LIST, data: query.get('order') === 'asc' ? data.toReversed() : data };
    },
    'POST /v1/generations/bulk': { object: 'bulk_result', matched: 1, changed: 1 },
    ...changes,
  };
}

const PATH = `/view/${GENERATION_ID}-0`;

describe('looking at an image', () => {
  test('shows it, its prompt and its facts', async () => {
    await using service = await startHistory(threeImages());
    await openPage(service, PATH);
    expect((await screen.findByRole('heading', { level: 1 }, WAIT)).textContent).toBe('A fox');
    const facts = await screen.findByRole('complementary', { name: 'Details' }, WAIT);
    expect(facts.textContent).toContain('2048 × 1024 pixels');
    expect(facts.textContent).toContain('CN¥0.20');
    const source = screen.getByRole('img', { name: 'A fox' }).getAttribute('src');
    // Records have the public host, under which this browser may not have opened the page.
    expect(source).toBe(`/images/${GENERATION_ID}-0?key=own&signature=s`);
  });

  test('arrow keys lead to the images before and after it, within the same filter', async () => {
    await using service = await startHistory(threeImages());
    const { address } = await openPage(service, `${PATH}?model=wan2.7-image`);
    await screen.findByRole('button', { name: 'Next image' }, WAIT);
    await waitFor(
      () => expect(screen.getByRole('button', { name: 'Next image' })).toHaveProperty('disabled', false),
      WAIT,
    );
    fireEvent.keyDown(document.body, { key: 'ArrowRight' });
    await waitFor(() => expect(address()).toBe(`/view/${OLDER_ID}-0?model=wan2.7-image`), WAIT);
    await screen.findByRole('heading', { level: 1, name: 'Older' }, WAIT);
    await waitFor(
      () => expect(screen.getByRole('button', { name: 'Previous image' })).toHaveProperty('disabled', false),
      WAIT,
    );
    fireEvent.keyDown(document.body, { key: 'ArrowLeft' });
    await waitFor(() => expect(address()).toBe(`${PATH}?model=wan2.7-image`), WAIT);
    expect(queriesOf(service, '/v1/images').every((query) => query.get('model') === 'wan2.7-image')).toBe(true);
  });

  test('Escape leads back to the library with its filter', async () => {
    await using service = await startHistory(threeImages());
    const { address } = await openPage(service, `${PATH}?favorite=true`);
    await screen.findByRole('heading', { level: 1 }, WAIT);
    fireEvent.keyDown(document.body, { key: 'Escape' });
    await waitFor(() => expect(address()).toBe('/?favorite=true'), WAIT);
  });

  test('I hides the details, which stay hidden', async () => {
    await using service = await startHistory(threeImages());
    await openPage(service, PATH);
    await screen.findByRole('complementary', { name: 'Details' }, WAIT);
    fireEvent.keyDown(document.body, { key: 'i' });
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull(), WAIT);
    expect(localStorage.getItem('wan-image.facts')).toBe('hidden');
  });

  test('F marks a favorite at once', async () => {
    await using service = await startHistory(threeImages());
    await openPage(service, PATH);
    const button = await screen.findByRole('button', { name: 'Favorite' }, WAIT);
    fireEvent.keyDown(document.body, { key: 'f' });
    await waitFor(() => expect(button.getAttribute('aria-pressed')).toBe('true'), WAIT);
    await waitFor(() => expect(bodiesOf(service, '/v1/generations/bulk')).toHaveLength(1), WAIT);
    expect(bodiesOf(service, '/v1/generations/bulk')[0]).toMatchObject({ action: 'update', favorite: true });
  });

  test('keys of one character can be switched off, and then do nothing', async () => {
    await using service = await startHistory(threeImages());
    await openPage(service, PATH);
    const button = await screen.findByRole('button', { name: 'Favorite' }, WAIT);
    localStorage.setItem('wan-image.single-keys', 'off');
    for (const key of ['f', 'r', '?', '1']) fireEvent.keyDown(document.body, { key });
    expect(button.getAttribute('aria-pressed')).toBe('false');
    expect(screen.queryByRole('dialog')).toBeNull();
    await waitFor(
      () => expect(screen.getByRole('button', { name: 'Next image' })).toHaveProperty('disabled', false),
      WAIT,
    );
    fireEvent.keyDown(document.body, { key: 'ArrowRight' });
    await screen.findByRole('heading', { level: 1, name: 'Older' }, WAIT);
    expect(bodiesOf(service, '/v1/generations/bulk')).toEqual([]);
  });

  test('Delete puts it into the bin without a question, shows the next one, and can be undone', async () => {
    await using service = await startHistory(threeImages());
    const { address, user } = await openPage(service, PATH);
    await waitFor(
      () => expect(screen.getByRole('button', { name: 'Next image' })).toHaveProperty('disabled', false),
      WAIT,
    );
    fireEvent.keyDown(document.body, { key: 'Delete' });
    await waitFor(() => expect(address()).toBe(`/view/${OLDER_ID}-0`), WAIT);
    await user.click(await screen.findByRole('button', { name: 'Undo' }, WAIT));
    await waitFor(() => expect(bodiesOf(service, '/v1/generations/bulk')).toHaveLength(2), WAIT);
    expect(bodiesOf(service, '/v1/generations/bulk')).toMatchObject([
      { action: 'delete', ids: [GENERATION_ID] },
      { action: 'restore', ids: [GENERATION_ID] },
    ]);
  });

  test('what a key may not do is not offered, and its keys do nothing', async () => {
    await using service = await startHistory(threeImages(), { scopes: ['read'] });
    await openPage(service, PATH);
    await screen.findByRole('heading', { level: 1 }, WAIT);
    for (const key of ['f', 'r', 'Delete', 'v', 'e', 'u']) fireEvent.keyDown(document.body, { key });
    expect(screen.queryByRole('button', { name: 'Favorite' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Move to the bin' })).toBeNull();
    expect(screen.queryByRole('textbox', { name: 'Note' })).toBeNull();
    fireEvent.keyDown(document.body, { key: 'i' });
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull(), WAIT);
    expect(service.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('hostile texts are texts', async () => {
    const hostile = '<img src=x onerror="document.title=\'owned\'">{count, plural}';
    const record = recordOf({
      prompt: hostile,
      tags: [hostile],
      note: hostile,
      images: [imageOf({ revised_prompt: `${hostile}!` })],
    });
    await using service = await startHistory(threeImages({ [`GET /v1/generations/${GENERATION_ID}`]: record }));
    await openPage(service, PATH);
    expect((await screen.findByRole('heading', { level: 1 }, WAIT)).textContent).toBe(hostile);
    expect(screen.getByRole('textbox', { name: 'Note' })).toHaveProperty('value', hostile);
    expect(document.querySelector('[onerror]')).toBeNull();
  });
});

describe('running it again', () => {
  const RUNNING = recordOf({ id: NEWER_ID, state: 'running', outcome: null, images: [], finished_at: null });

  function rerunRoutes(changes: Routes = {}): Routes {
    return threeImages({
      [`POST /v1/generations/${GENERATION_ID}/rerun`]: RUNNING,
      [`GET /v1/generations/${NEWER_ID}`]: RUNNING,
      'GET /v1/generations': { ...EMPTY_LIST, data: [RUNNING] },
      [`POST /v1/generations/${NEWER_ID}/cancel`]: { ...RUNNING, state: 'canceled' },
      ...changes,
    });
  }

  test('R sends the request once, with another seed, however long the key is held', async () => {
    await using service = await startHistory(rerunRoutes(), { prices: { 'wan2.7-image': '0.20' } });
    const { user } = await openPage(service, PATH);
    await screen.findByRole('button', { name: 'Rerun with another seed' }, WAIT);
    fireEvent.keyDown(document.body, { key: 'r' });
    for (let time = 0; time < 20; time++) fireEvent.keyDown(document.body, { key: 'r', repeat: true });
    fireEvent.keyDown(document.body, { key: 'r' });
    const toast = await screen.findByText('Generating again', undefined, WAIT);
    expect(toast.parentElement?.textContent).toContain('Price: CN¥0.20.');
    const sent = service.requests.filter(({ path }) => path.endsWith('/rerun'));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers['idempotency-key']).toBeTruthy();
    const { seed } = JSON.parse(sent[0]?.body ?? '') as { seed: number };
    expect(Number.isInteger(seed) && seed !== 7).toBe(true);
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    const warning = await screen.findByText(/It was sent already, so it may be billed/, undefined, WAIT);
    expect(service.requests.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
    expect(warning).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Cancel the generation' }));
    await waitFor(() => expect(service.requests.some(({ path }) => path.endsWith('/cancel'))).toBe(true), WAIT);
  });

  test('whether to cancel is asked no longer once the generation has ended', async () => {
    const newer = { ...RUNNING };
    await using service = await startHistory(
      rerunRoutes({
        [`GET /v1/generations/${NEWER_ID}`]: newer,
        'GET /v1/generations': { ...EMPTY_LIST, data: [newer] },
      }),
    );
    const { user } = await openPage(service, PATH);
    await screen.findByRole('button', { name: 'Rerun with another seed' }, WAIT);
    fireEvent.keyDown(document.body, { key: 'r' });
    await user.click(await screen.findByRole('button', { name: 'Cancel' }, WAIT));
    await screen.findByText(/It was sent already, so it may be billed/, undefined, WAIT);
    Object.assign(newer, { ...recordOf(), id: NEWER_ID });
    await screen.findByText('The new image is ready', undefined, WAIT);
    await waitFor(() => expect(screen.queryByText(/It was sent already/)).toBeNull(), WAIT);
  });

  test('Shift+R keeps the seed, and a model without a price is not free', async () => {
    await using service = await startHistory(rerunRoutes());
    await openPage(service, PATH);
    await screen.findByRole('button', { name: 'Rerun with another seed' }, WAIT);
    fireEvent.keyDown(document.body, { key: 'R', shiftKey: true });
    const toast = await screen.findByText('Generating again', undefined, WAIT);
    expect(toast.parentElement?.textContent).toContain('Seed 7. No price is set for this model.');
    expect(bodiesOf(service, `/v1/generations/${GENERATION_ID}/rerun`)).toEqual([{}]);
  });
});

describe('an image that is not there', () => {
  test.each([
    ['an unknown id', {}, 'There is no such image'],
    ['a lost image', { images: [imageOf({ state: 'lost' })] }, 'The image is lost'],
    ['a pending image', { images: [imageOf({ state: 'pending' })] }, 'The image is being stored'],
    ['one deleted for good', { images: [imageOf({ state: 'deleted', url: null })] }, 'This image was deleted for good'],
  ])('%s has words, and what to do', async (name, changes, text) => {
    const routes = name === 'an unknown id' ? {} : { [`GET /v1/generations/${GENERATION_ID}`]: recordOf(changes) };
    await using service = await startHistory(routes);
    await openPage(service, PATH);
    expect(await screen.findByText(text, undefined, WAIT)).toBeTruthy();
  });

  test('what is in the bin can be restored', async () => {
    const record = recordOf({ deleted_at: '2026-11-28T12:00:00.000Z' });
    await using service = await startHistory(threeImages({ [`GET /v1/generations/${GENERATION_ID}`]: record }));
    const { user } = await openPage(service, PATH);
    await user.click(await screen.findByRole('button', { name: 'Restore' }, WAIT));
    await waitFor(() => expect(bodiesOf(service, '/v1/generations/bulk')).toHaveLength(1), WAIT);
    expect(bodiesOf(service, '/v1/generations/bulk')[0]).toMatchObject({ action: 'restore', ids: [GENERATION_ID] });
  });

  test('deleting for good asks first', async () => {
    const record = recordOf({ deleted_at: '2026-11-28T12:00:00.000Z' });
    await using service = await startHistory(threeImages({ [`GET /v1/generations/${GENERATION_ID}`]: record }));
    const { user } = await openPage(service, PATH);
    await screen.findByRole('button', { name: 'Restore' }, WAIT);
    fireEvent.keyDown(document.body, { key: 'Delete' });
    const dialog = await screen.findByRole('dialog', undefined, WAIT);
    expect(bodiesOf(service, '/v1/generations/bulk')).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Delete for good' }));
    await waitFor(() => expect(bodiesOf(service, '/v1/generations/bulk')).toMatchObject([{ action: 'purge' }]), WAIT);
  });
});

describe('tags and notes', () => {
  const DRAFT = `wan-image.note.${GENERATION_ID}`;

  test('a tag is added by Enter', async () => {
    await using service = await startHistory(
      threeImages({ [`PATCH /v1/generations/${GENERATION_ID}`]: recordOf({ tags: ['红色'] }) }),
    );
    const { user } = await openPage(service, PATH);
    await user.type(await screen.findByRole('combobox', { name: 'Add a tag' }, WAIT), '红色{Enter}');
    expect(await screen.findByRole('button', { name: 'Remove the tag 红色' }, WAIT)).toBeTruthy();
    expect(bodiesOf(service, `/v1/generations/${GENERATION_ID}`)).toEqual([{ tags: ['红色'] }]);
  });

  test('a note that could not be saved stays, also through a reload', async () => {
    await using service = await startHistory(threeImages());
    const { user } = await openPage(service, PATH);
    const field = await screen.findByRole('textbox', { name: 'Note' }, WAIT);
    await user.type(field, 'the best one');
    // The route does not exist: saving fails.
    await user.tab();
    expect(await screen.findByText(/It no longer exists/, undefined, WAIT)).toBeTruthy();
    expect(field).toHaveProperty('value', 'the best one');
    expect(sessionStorage.getItem(DRAFT)).toContain('the best one');
    sessionStorage.clear();
  });

  test('what is typed while a note is being saved is saved too', async () => {
    let note: string | null = null;
    const saving = Promise.withResolvers<void>();
    await using service = await startHistory(
      threeImages({
        async [`PATCH /v1/generations/${GENERATION_ID}`](request: { readonly body: string }) {
          ({ note } = JSON.parse(request.body) as { note: string });
          await saving.promise;
          return { ...SHOWN, note };
        },
      }),
    );
    const { user } = await openPage(service, PATH);
    const field = await screen.findByRole('textbox', { name: 'Note' }, WAIT);
    await user.type(field, 'the best');
    await user.tab();
    await waitFor(() => expect(note).toBe('the best'), WAIT);
    await user.type(field, ' of all');
    await user.tab();
    saving.resolve();
    await waitFor(() => expect(note).toBe('the best of all'), WAIT);
    await waitFor(() => expect(sessionStorage.getItem(DRAFT)).toBeNull(), WAIT);
    expect(await screen.findByText('Saved', undefined, WAIT)).toBeTruthy();
  });

  test('a note that somebody else changed meanwhile is not written over', async () => {
    sessionStorage.setItem(DRAFT, JSON.stringify({ text: 'mine', base: '' }));
    const theirs = { ...SHOWN, note: 'theirs' };
    await using service = await startHistory(
      threeImages({
        [`GET /v1/generations/${GENERATION_ID}`]: theirs,
        [`PATCH /v1/generations/${GENERATION_ID}`]: { ...theirs, note: 'mine' },
      }),
    );
    const { user } = await openPage(service, PATH);
    const field = await screen.findByRole('textbox', { name: 'Note' }, WAIT);
    await screen.findByText(/changed elsewhere meanwhile/, undefined, WAIT);
    expect(field).toHaveProperty('value', 'mine');
    expect(screen.getByText('theirs')).toBeTruthy();
    await user.click(field);
    await user.tab();
    expect(bodiesOf(service, `/v1/generations/${GENERATION_ID}`)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Save mine instead' }));
    await waitFor(() => expect(sessionStorage.getItem(DRAFT)).toBeNull(), WAIT);
    expect(bodiesOf(service, `/v1/generations/${GENERATION_ID}`)).toEqual([{ note: 'mine' }]);
  });
});

describe('comparing', () => {
  const PATH_OF_THREE = `/compare?image=${GENERATION_ID}-0&image=${NEWER_ID}-0&image=${OLDER_ID}-0`;

  test('differing parameters are marked in words', async () => {
    await using service = await startHistory(threeImages());
    await openPage(service, PATH_OF_THREE);
    const second = await screen.findByRole('listitem', { name: 'Image 2' }, WAIT);
    expect(second.textContent).toContain('Prompt≠ differsNewer');
    expect(second.textContent).toContain('Seed7');
  });

  test('an image can be removed; of one alone, it says what to do', async () => {
    await using service = await startHistory(threeImages());
    const { user, address } = await openPage(service, PATH_OF_THREE);
    await user.click(await screen.findByRole('button', { name: 'Remove image 2 from the comparison' }, WAIT));
    await waitFor(() => expect(address()).toBe(`/compare?image=${GENERATION_ID}-0&image=${OLDER_ID}-0`), WAIT);
    await user.click(await screen.findByRole('button', { name: 'Remove image 2 from the comparison' }, WAIT));
    expect(await screen.findByText('Choose two to four images', undefined, WAIT)).toBeTruthy();
  });
});

describe('the record of a generation', () => {
  const LINEAGE = { object: 'lineage', nodes: [], edges: [], truncated: false };
  const UNKNOWN = recordOf({
    state: 'failed',
    outcome: 'unknown',
    images: [],
    error: { type: 'upstream_error', code: 'connection_lost', message: 'The connection broke.', param: null },
  });

  test('says why it failed, and settles an unknown outcome', async () => {
    await using service = await startHistory({
      [`GET /v1/generations/${GENERATION_ID}`]: UNKNOWN,
      [`GET /v1/generations/${GENERATION_ID}/lineage`]: LINEAGE,
      [`POST /v1/generations/${GENERATION_ID}/resolve`]: { ...UNKNOWN, outcome: 'not_billed', cost: null },
    });
    const { user } = await openPage(service, `/generations/${GENERATION_ID}`);
    await user.click(await screen.findByRole('button', { name: 'Settle' }, WAIT));
    const dialog = await screen.findByRole('dialog', { name: 'Was it billed?' }, WAIT);
    expect(dialog.textContent).toContain('upstream-1');
    await user.click(within(dialog).getByRole('button', { name: 'It was not billed' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), WAIT);
    expect(bodiesOf(service, `/v1/generations/${GENERATION_ID}/resolve`)).toEqual([{ outcome: 'not_billed' }]);
  });

  test('its lineage can be walked by arrow keys', async () => {
    const node = {
      exists: true,
      state: 'succeeded',
      model: 'wan2.7-image',
      created_at: '',
      deleted_at: null,
      images: [],
    };
    const lineage = {
      ...LINEAGE,
      nodes: [
        { ...node, id: GENERATION_ID, prompt: 'A fox' },
        { ...node, id: NEWER_ID, prompt: 'Newer' },
        { ...node, id: OLDER_ID, exists: false, state: null, model: null, prompt: null, created_at: null },
      ],
      edges: [
        { from: GENERATION_ID, to: NEWER_ID, kind: 'rerun', image_id: null },
        { from: OLDER_ID, to: GENERATION_ID, kind: 'edit', image_id: `${OLDER_ID}-0` },
      ],
    };
    await using service = await startHistory({
      ...threeImages(),
      [`GET /v1/generations/${GENERATION_ID}/lineage`]: lineage,
      [`GET /v1/generations/${NEWER_ID}/lineage`]: LINEAGE,
    });
    const { user, address } = await openPage(service, `/generations/${GENERATION_ID}#lineage`);
    const current = await screen.findByRole('link', { name: /This generation/ }, WAIT);
    await waitFor(() => expect(document.activeElement).toBe(current), WAIT);
    await user.keyboard('{ArrowLeft}');
    expect(document.activeElement?.textContent).toBe('Deleted for good');
    await user.keyboard('{ArrowRight}{ArrowRight}');
    expect(document.activeElement?.textContent).toContain('Newer');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(address()).toContain(`/generations/${NEWER_ID}`), WAIT);
  });

  test('input images are numbered, and lead to their images', async () => {
    const record = recordOf({
      input_images: [inputImageOf({ from_image: `${OLDER_ID}-0` }), inputImageOf({ index: 1 })],
    });
    await using service = await startHistory({
      [`GET /v1/generations/${GENERATION_ID}`]: record,
      [`GET /v1/generations/${GENERATION_ID}/lineage`]: LINEAGE,
    });
    await openPage(service, `/generations/${GENERATION_ID}`, 'zh');
    const first = await screen.findByRole('link', { name: '打开输入图片图1' }, WAIT);
    expect(first.getAttribute('href')).toBe(`/view/${OLDER_ID}-0`);
    expect(screen.getByRole('link', { name: '打开输入图片图2' })).toBeTruthy();
  });
});

/** The JSON bodies that were sent to a path, in their order. */
function bodiesOf(service: Awaited<ReturnType<typeof startHistory>>, path: string): readonly unknown[] {
  return service.requests
    .filter((request) => request.method !== 'GET' && urlOf(request).pathname === path)
    .map(({ body }) => JSON.parse(body) as unknown);
}
