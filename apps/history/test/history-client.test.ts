import { createHistoryClient, type GenerationEvent } from '@wan-image/core';
import { expect, test } from 'vitest';
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
