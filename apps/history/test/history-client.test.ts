import { createHistoryClient, type GenerationEvent } from '@wan-image/core';
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
  expect(record.images.map(({ url }) => url)).toEqual(
    events.flatMap((event) => (event.type === 'image' ? [event.data.url] : [])),
  );
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
