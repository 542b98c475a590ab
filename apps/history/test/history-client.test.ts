import { randomUUID } from 'node:crypto';
import { createHistoryClient, type GenerateRequest, type GenerationEvent, type ListOptions } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { ADMIN_API_KEY, createKey, createProject } from './support/access.ts';
import { openHistory } from './support/test-history.ts';

const model = 'wan2.7-image';

test('the history client enqueues, follows, reads, cancels and resolves generations of this service', async () => {
  await using history = await openHistory();
  const client = createHistoryClient({ baseUrl: history.url, apiKey: 'any' });
  const input = { model, prompt: '两张 [[simulate delay=300]]', n: 2, size: '1K' } as const;
  const queued = await client.submit(input, { idempotencyKey: 'k-1' });
  expect(queued).toMatchObject({ state: 'queued', prompt: input.prompt, images: [] });
  expect((await client.submit(input, { idempotencyKey: 'k-1' })).id).toBe(queued.id);

  const events: GenerationEvent[] = [];
  for await (const event of client.events(queued.id)) events.push(event);
  expect(events.filter(({ type }) => type === 'image').map(({ data }) => data.state)).toEqual(['stored', 'stored']);
  const ended = { type: 'state', data: { id: queued.id, state: 'succeeded', outcome: 'billed', error: null } };
  expect(events).toContainEqual(expect.objectContaining(ended));
  const record = await client.get(queued.id, { wait: 20 });
  // In the order in which they were stored, which may be another than that of the response.
  const urls = events.flatMap((event) => (event.type === 'image' ? [event.data.url] : []));
  expect(new Set(urls)).toEqual(new Set(record.images.map(({ url }) => url)));
  const again: GenerationEvent[] = [];
  for await (const event of client.events(queued.id, { lastEventId: events.at(-2)?.id ?? '' })) again.push(event);
  expect(again).toEqual(events.slice(-1));
  await expect(client.cancel(queued.id)).rejects.toMatchObject({ kind: 'refused', code: 'already_ended', attempts: 1 });

  const slow = await client.submit({ model, prompt: '慢 [[simulate delay=20000]]', size: '1K' });
  await expect.poll(() => history.simulator.totals.calls).toBe(2);
  expect(await client.get(slow.id, { wait: 1 })).toMatchObject({ state: 'running', finished_at: null });
  expect(await client.cancel(slow.id)).toMatchObject({ state: 'canceled', outcome: 'unknown' });
  expect(await client.get(slow.id)).toMatchObject({ state: 'canceled', error: { code: 'canceled' } });
  expect(await client.resolve(slow.id, { outcome: 'not_billed' })).toMatchObject({ outcome: 'not_billed' });
  const billed = client.resolve(slow.id, { outcome: 'billed' });
  await expect(billed).rejects.toMatchObject({ kind: 'refused', code: 'nothing_to_resolve' });
});

test('the history client with the admin key reads the project that it names, or all', async () => {
  await using history = await openHistory({ ADMIN_API_KEY });
  const { id: projectId } = await createProject(history.url, 'shop');
  const { key } = await createKey(history.url, { project_id: projectId });
  const shop = createHistoryClient({ baseUrl: history.url, apiKey: key });
  const { id } = await shop.submit({ model, prompt: '花', size: '1K' });
  await shop.get(id, { wait: 20 });

  const admin = createHistoryClient({ baseUrl: history.url, apiKey: ADMIN_API_KEY });
  const own = await admin.submit({ model, prompt: '花', size: '1K' });
  const idsOf = async (options: object): Promise<readonly string[]> =>
    (await admin.page(options)).data.map((record) => record.id);
  expect(await idsOf({})).toEqual([own.id]);
  expect(await idsOf({ projectId })).toEqual([id]);
  expect(await idsOf({ projectId: 'all' })).toEqual([own.id, id]);
  await expect(admin.get(id)).rejects.toMatchObject({ status: 404 });

  const reader = createHistoryClient({ baseUrl: history.url, apiKey: ADMIN_API_KEY, projectId });
  expect((await reader.get(id)).state).toBe('succeeded');
  const seen: string[] = [];
  for await (const { type } of reader.events(id)) seen.push(type);
  expect(seen).toContain('image');
  await expect(reader.get(id, { projectId: 'nowhere' })).rejects.toMatchObject({ status: 400, param: 'project_id' });
  await expect(shop.page({ projectId: 'all' })).rejects.toMatchObject({ status: 403, code: 'admin_only' });
});

test('the history client finds generations and images by every kind of filter, page by page', async () => {
  await using history = await openHistory();
  const client = createHistoryClient({ baseUrl: history.url, apiKey: 'any' });
  const make = async (prompt: string, body: Partial<GenerateRequest> = {}): Promise<string> => {
    const { id } = await client.submit({ model, prompt, size: '1K', ...body });
    await client.get(id, { wait: 20 });
    return id;
  };
  const flowers = await make('一间花店', { n: 3, seed: 0, extra: { user: '小王', metadata: { 'order&no': '47=11' } } });
  const fox = await make('雪中的狐狸 A red fox');
  const sea = await make('海', { n: 2, extra: { user: '小王' } });

  const found = async (options: ListOptions): Promise<readonly string[]> =>
    (await client.page(options)).data.map(({ id }) => id);
  expect(await found({})).toEqual([sea, fox, flowers]);
  expect(await found({ order: 'asc', state: ['succeeded', 'failed'] })).toEqual([flowers, fox, sea]);
  expect(await found({ user: '小王', metadata: { 'order&no': '47=11' } })).toEqual([flowers]);
  expect(await found({ seed: 0, has_input_image: false, simulated: false })).toEqual([flowers]);
  expect(await found({ id: [fox, sea], created_after: '2026-01-01' })).toEqual([sea, fox]);
  const search = await client.page({ q: 'RED 狐', count: true });
  expect(search).toMatchObject({ count: { value: 1, capped: false }, search: { complete: true } });
  expect(search.data.map(({ id }) => id)).toEqual([fox]);
  const ranges = [
    [3, 4],
    [8, 11],
  ];
  expect(search.data[0]?.matches?.[0]).toEqual({ field: 'prompt', index: null, ranges });

  const walked: string[] = [];
  for await (const { id } of client.list({ limit: 1, order: 'asc' })) walked.push(id);
  expect(walked).toEqual([flowers, fox, sea]);
  const images: string[] = [];
  for await (const image of client.images({ limit: 2, user: '小王' })) images.push(image.id);
  expect(images).toEqual([`${sea}-0`, `${sea}-1`, `${flowers}-0`, `${flowers}-1`, `${flowers}-2`]);
  // As many as the filter allows: a URL of 40 KB.
  const unknown = Array.from({ length: 998 }, () => randomUUID());
  expect(await found({ id: [...unknown, fox, sea] })).toEqual([sea, fox]);
  const { next_cursor: cursor } = await client.page({ limit: 1 });
  await expect(client.page({ cursor: cursor ?? '', seed: 0 })).rejects.toMatchObject({ status: 400, param: 'cursor' });

  const page = await client.imagePage({ q: '花店', count: true });
  expect(page).toMatchObject({ count: { value: 3, capped: false }, has_more: false });
  const { sha256 } = await client.getImage(`${flowers}-1`);
  expect((await client.imagePage({ image_sha256: sha256 ?? '' })).data.map(({ id }) => id)).toEqual([`${flowers}-1`]);
  await expect(client.page({ q: 'x '.repeat(101) })).rejects.toMatchObject({ status: 400, param: 'q' });
});

test('the history client organises: tags, notes, favorites, the bin, and many at once', async () => {
  await using history = await openHistory();
  const client = createHistoryClient({ baseUrl: history.url, apiKey: 'any' });
  const make = async (prompt: string): Promise<string> => {
    const { id } = await client.submit({ model, prompt, n: 2, size: '1K' });
    await client.get(id, { wait: 20 });
    return id;
  };
  const [one, other] = [await make('一'), await make('二')];
  expect(await client.update(one, { tags: ['冬天', 'a'], note: '给封面用' })).toMatchObject({ tags: ['a', '冬天'] });
  expect((await client.update(one, { tags: null })).note).toBe('给封面用');
  await expect(client.update(one, { tags: [''] })).rejects.toMatchObject({ status: 400, kind: 'refused' });
  expect(await client.updateImage(`${one}-1`, { favorite: true })).toMatchObject({ id: `${one}-1`, favorite: true });
  expect((await client.imagePage({ favorite: true })).data.map(({ id }) => id)).toEqual([`${one}-1`]);

  expect(await client.bulk({ ids: [one, other], action: 'update', add_tags: ['冬天'] })).toEqual({
    object: 'bulk_result',
    matched: 2,
    changed: 2,
  });
  expect(await client.service()).toMatchObject({ key_required: false, search: { complete: true } });
  expect((await client.tags()).data).toEqual([{ tag: '冬天', generations: 2 }]);
  const overFilter = { filter: { tag: ['冬天'] }, action: 'update', note: '都是冬天' } as const;
  expect(await client.bulk({ ...overFilter, dry_run: true })).toMatchObject({ object: 'bulk_result', matched: 2 });
  const started = await client.bulk(overFilter);
  if (started.object !== 'job') throw new Error('A bulk change over a filter is a job');
  await expect.poll(async () => (await client.job(started.id)).state).toBe('succeeded');
  expect(await client.job(started.id)).toMatchObject({ kind: 'bulk', done: 2, result: { matched: 2, changed: 2 } });
  expect((await client.jobs()).data.map(({ id }) => id)).toEqual([started.id]);
  await expect(client.cancelJob(started.id)).rejects.toMatchObject({ kind: 'refused', code: 'already_ended' });
  expect((await client.get(other)).note).toBe('都是冬天');

  await client.deleteImage(`${other}-0`);
  await client.delete(one);
  await client.delete(one);
  expect((await client.page()).data.map(({ id }) => id)).toEqual([other]);
  expect((await client.page({ deleted: true })).data.map(({ id }) => id)).toEqual([one]);
  expect((await client.restore(one)).deleted_at).toBeNull();
  expect((await client.restoreImage(`${other}-0`)).deleted_at).toBeNull();
  await client.deleteImage(`${one}-0`, { purge: true });
  expect((await client.get(one)).images).toMatchObject([{ state: 'deleted', sha256: null }, { state: 'stored' }]);
  await client.delete(one, { purge: true });
  await expect(client.get(one)).rejects.toMatchObject({ status: 404 });
  await expect(client.delete(one)).rejects.toMatchObject({ status: 404, attempts: 1 });

  const slow = await client.submit({ model, prompt: '慢 [[simulate delay=20000]]', size: '1K' });
  await expect(client.delete(slow.id)).rejects.toMatchObject({ kind: 'refused', status: 409, attempts: 1 });
  await client.cancel(slow.id);
});

test('the history client makes a generation again, once, and shows what came of what', async () => {
  await using history = await openHistory();
  const client = createHistoryClient({ baseUrl: history.url, apiKey: 'any' });
  const image = await encodeImage({ format: 'png', width: 320, height: 320 });
  const first = await client.submit({ model, prompt: '把天空换成晚霞', image, seed: 7, size: '1K' });
  await client.get(first.id, { wait: 20 });

  const again = await client.rerun(first.id, { seed: null, n: 2 }, { idempotencyKey: 'r-1' });
  expect(again).toMatchObject({ state: 'queued', derived_from: [{ kind: 'rerun', generation_id: first.id }] });
  expect((await client.rerun(first.id, { seed: null, n: 2 }, { idempotencyKey: 'r-1' })).id).toBe(again.id);
  const record = await client.get(again.id, { wait: 20 });
  expect(record).toMatchObject({ state: 'succeeded', images: [{}, {}], input_images: [{ width: 320 }] });
  expect(record.request).not.toHaveProperty('seed');
  expect(history.simulator.totals.calls).toBe(2);
  await expect(client.rerun(first.id, { n: 9 })).rejects.toMatchObject({ status: 400, param: 'n' });

  const edited = await client.submit({ model, prompt: '再亮一点', image: record.images[1]?.url ?? '', size: '1K' });
  await client.get(edited.id, { wait: 20 });
  const { nodes, edges, truncated } = await client.lineage(again.id);
  expect(nodes.map(({ id }) => id).toSorted()).toEqual([first.id, again.id, edited.id].toSorted());
  expect(edges).toEqual(
    expect.arrayContaining([
      { from: first.id, to: again.id, kind: 'rerun', image_id: null },
      { from: again.id, to: edited.id, kind: 'edit', image_id: `${again.id}-1` },
    ]),
  );
  expect(truncated).toBe(false);

  await client.delete(first.id);
  await expect(client.rerun(first.id)).rejects.toMatchObject({ kind: 'refused', outcome: 'not_billed', status: 409 });
});
