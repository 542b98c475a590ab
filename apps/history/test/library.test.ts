import type {
  BackgroundJob,
  BulkResult,
  ErrorBody,
  GenerationList,
  GenerationRecord,
  ImageList,
} from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const BODY = { model: 'wan2.7-image', prompt: '一间花店', size: '1K' };

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

async function made(prompt: string, body: object = {}): Promise<string> {
  const { headers } = await generate(history.url, { ...BODY, prompt, ...body });
  return headers.get('x-generation-id') ?? '';
}

interface Sent<T> {
  readonly status: number;
  readonly body: T;
}

async function send<T = unknown>(method: string, path: string, body?: unknown): Promise<Sent<T>> {
  const response = await fetchChecked(history.url + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
}

const record = async (id: string): Promise<GenerationRecord> =>
  (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body;

async function found(query: string): Promise<readonly string[]> {
  const { data } = (await get<GenerationList>(history.url, `/v1/generations?${query}&limit=100`)).body;
  return data.map(({ id }) => id);
}

const search = (words: string): Promise<readonly string[]> => found(`q=${encodeURIComponent(words)}`);

describe('tags and notes', () => {
  test('are kept trimmed, composed and sorted; found by words; and shown with what matched', async () => {
    const id = await made('标签与备注');
    const changes = { tags: ['  冬天 ', 'cafe\u0301', 'B', 'a', 'B'], note: '给封面用，灯笼要更红' };
    const { status, body } = await send<GenerationRecord>('PATCH', `/v1/generations/${id}`, changes);
    expect([status, body.tags, body.note]).toEqual([200, ['B', 'a', 'café', '冬天'], changes.note]);
    expect(await search('笼')).toEqual([id]);
    expect(await search('CAFÉ 冬')).toEqual([id]);
    const { data } = (await get<GenerationList>(history.url, `/v1/generations?q=${encodeURIComponent('灯笼 冬')}`))
      .body;
    expect(data[0]?.matches).toEqual([
      { field: 'note', index: null, ranges: [[5, 7]] },
      { field: 'tag', index: 3, ranges: [[0, 1]] },
    ]);
    expect(await found(`tag=${encodeURIComponent('冬天')}&tag=a`)).toEqual([id]);
    expect(await found('tag=b')).toEqual([]);
  });

  test('are emptied by null, and stay as they are where a patch does not name them', async () => {
    const id = await made('合并');
    await send('PATCH', `/v1/generations/${id}`, { tags: ['x'], note: 'only a note' });
    expect((await send<GenerationRecord>('PATCH', `/v1/generations/${id}`, { tags: null })).body).toMatchObject({
      tags: [],
      note: 'only a note',
    });
    expect((await send<GenerationRecord>('PATCH', `/v1/generations/${id}`, {})).body.note).toBe('only a note');
    expect(await search('only')).toEqual([id]);
    expect((await send<GenerationRecord>('PATCH', `/v1/generations/${id}`, { note: null })).body.note).toBeNull();
    expect(await search('only')).toEqual([]);
  });

  test.each([
    [{ tags: ['x'.repeat(65)] }, /a tag must be a text of 1 to 64 characters/],
    [{ tags: [' '] }, /a tag must be/],
    [{ tags: Array.from({ length: 33 }, (_, index) => `t${index}`) }, /more than 32/],
    [{ note: '长'.repeat(10_001) }, /more than 10000 characters/],
    [{ favorite: true }, /Known fields: tags, note/],
    [{ note: 7 }, /note must be a text/],
  ])('%j are refused', async (changes, message) => {
    const id = await made('拒绝');
    const { status, body } = await send<ErrorBody>('PATCH', `/v1/generations/${id}`, changes);
    expect([status, body.error.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('are counted', async () => {
    const [one, other] = [await made('计数一'), await made('计数二')];
    await send('PATCH', `/v1/generations/${one}`, { tags: ['often', 'once'] });
    await send('PATCH', `/v1/generations/${other}`, { tags: ['often'] });
    const tags = async (): Promise<unknown> =>
      (await get<{ data: { tag: string }[] }>(history.url, '/v1/tags')).body.data.filter(({ tag }) =>
        tag.startsWith('o'),
      );
    expect(await tags()).toEqual([
      { tag: 'often', generations: 2 },
      { tag: 'once', generations: 1 },
    ]);
    await send('DELETE', `/v1/generations/${one}`);
    expect(await tags()).toEqual([{ tag: 'often', generations: 1 }]);
  });
});

describe('favorites', () => {
  test('are images: a list of generations has those with one, a list of images the image itself', async () => {
    const id = await made('收藏', { n: 3 });
    expect((await send('PATCH', `/v1/images/${id}-1`, { favorite: true })).body).toMatchObject({
      id: `${id}-1`,
      generation_id: id,
      favorite: true,
    });
    expect((await record(id)).images.map(({ favorite }) => favorite)).toEqual([false, true, false]);
    expect(await found('favorite=true')).toEqual([id]);
    const images = (await get<ImageList>(history.url, '/v1/images?favorite=true&count=true')).body;
    expect(images.data.map((image) => [image.id, image.set_size])).toEqual([[`${id}-1`, 3]]);
    expect(images.count).toEqual({ value: 1, capped: false });
    await send('PATCH', `/v1/images/${id}-1`, { favorite: false });
    expect(await found('favorite=true')).toEqual([]);
  });
});

describe('the bin', () => {
  test('hides a generation from lists, search and counts, until it is restored', async () => {
    const id = await made('回收站里的狐狸');
    const count = async (): Promise<unknown> =>
      (await get<GenerationList>(history.url, `/v1/generations?q=${encodeURIComponent('回收站')}&count=true`)).body
        .count;
    expect(await count()).toEqual({ value: 1, capped: false });
    expect((await send('DELETE', `/v1/generations/${id}`)).status).toBe(204);
    expect((await send('DELETE', `/v1/generations/${id}`)).status).toBe(204);
    expect(await count()).toEqual({ value: 0, capped: false });
    expect((await found('')).includes(id)).toBe(false);
    expect(await found('deleted=true')).toContain(id);
    expect((await record(id)).deleted_at).toMatch(/Z$/);
    expect((await send('POST', `/v1/generations/${id}/restore`, {})).body).toMatchObject({ id, deleted_at: null });
    expect(await count()).toEqual({ value: 1, capped: false });
  });

  test('takes images one by one, which a restore of their generation leaves there', async () => {
    const id = await made('四张', { n: 4 });
    const shown = async (): Promise<readonly number[]> =>
      (await get<ImageList>(history.url, `/v1/images?id=${id}`)).body.data.map(({ index }) => index);
    await send('DELETE', `/v1/images/${id}-2`);
    expect(await shown()).toEqual([0, 1, 3]);
    await send('DELETE', `/v1/generations/${id}`);
    expect(await shown()).toEqual([]);
    await send('POST', `/v1/generations/${id}/restore`, {});
    expect(await shown()).toEqual([0, 1, 3]);
    await send('POST', `/v1/images/${id}-2/restore`, {});
    expect(await shown()).toEqual([0, 1, 2, 3]);
  });

  test('hides the images behind their signed URLs, thumbnails too; who may manage them sees them without', async () => {
    const id = await made('图片地址');
    const url = (await record(id)).images[0]?.url ?? '';
    const status = async (address: string): Promise<number> => (await fetchChecked(address)).status;
    expect([await status(url), await status(`${url}&width=160`)]).toEqual([200, 200]);
    await send('DELETE', `/v1/images/${id}-0`);
    expect([await status(url), await status(`${url}&width=160`)]).toEqual([404, 404]);
    expect(await status(`${history.url}/images/${id}-0`)).toBe(200);
    await send('POST', `/v1/images/${id}-0/restore`, {});
    expect(await status(url)).toBe(200);
    await send('DELETE', `/v1/generations/${id}`);
    expect(await status(url)).toBe(404);
    await send('DELETE', `/v1/generations/${id}?purge=true`);
    expect([await status(url), await status(`${history.url}/images/${id}-0`)]).toEqual([410, 404]);
  });

  test('does not take what is in flight', async () => {
    const { headers } = await generate(
      history.url,
      { ...BODY, prompt: '进行中 [[simulate delay=60000]]' },
      { prefer: 'respond-async' },
    );
    const id = headers.get('x-generation-id') ?? '';
    for (const path of [`/v1/generations/${id}`, `/v1/generations/${id}?purge=true`]) {
      const { status, body } = await send<ErrorBody>('DELETE', path);
      expect([status, body.error.code]).toEqual([409, 'generation_in_flight']);
    }
    await send('POST', `/v1/generations/${id}/cancel`, {});
    expect((await send('DELETE', `/v1/generations/${id}`)).status).toBe(204);
  });
});

describe('a purge', () => {
  test('of a generation leaves nothing', async () => {
    const id = await made('永久删除的灯塔');
    await send('PATCH', `/v1/generations/${id}`, { tags: ['gone'], note: 'gone' });
    await send('PATCH', `/v1/images/${id}-0`, { favorite: true });
    expect((await send('DELETE', `/v1/generations/${id}?purge=true`)).status).toBe(204);
    expect((await send('DELETE', `/v1/generations/${id}`)).status).toBe(404);
    expect((await get(history.url, `/v1/generations/${id}`)).status).toBe(404);
    expect([...(await search('灯塔')), ...(await found('tag=gone')), ...(await found('favorite=true'))]).toEqual([]);
  });

  test('of an image leaves its row, without what tells of its bytes', async () => {
    const id = await made('永久删除一张', { n: 2 });
    await send('PATCH', `/v1/images/${id}-0`, { favorite: true });
    expect((await send('DELETE', `/v1/images/${id}-0?purge=true`)).status).toBe(204);
    const [purged, other] = (await record(id)).images;
    expect(purged).toMatchObject({ state: 'deleted', url: null, sha256: null, bytes: null, favorite: false });
    expect(purged?.deleted_at).toMatch(/Z$/);
    expect(other?.state).toBe('stored');
    await send('POST', `/v1/images/${id}-0/restore`, {});
    expect((await record(id)).images[0]?.state).toBe('deleted');
  });
});

describe('the replay of a deleted generation', () => {
  test.each(['', '?purge=true'])('is refused at once, and nothing is generated: DELETE%s', async (query) => {
    const headers = { 'idempotency-key': `deleted${query}` };
    const request = { ...BODY, prompt: '重放' };
    const id = (await generate(history.url, request, headers)).headers.get('x-generation-id') ?? '';
    await send('DELETE', `/v1/generations/${id}${query}`);
    const before = history.simulator.totals.calls;
    for (const prefer of [{}, { prefer: 'respond-async' }]) {
      const again = await generate(history.url, request, { ...headers, ...prefer });
      expect([again.status, (again.body as unknown as ErrorBody).error.code]).toEqual([410, 'generation_deleted']);
      expect(again.headers.get('x-should-retry')).toBe('false');
    }
    expect(history.simulator.totals.calls).toBe(before);
  });

  test('has no bytes of an image that was deleted for good', async () => {
    const headers = { 'idempotency-key': 'deleted-image' };
    const request = { ...BODY, prompt: '重放一张', n: 2, response_format: 'b64_json' };
    const id = (await generate(history.url, request, headers)).headers.get('x-generation-id') ?? '';
    expect((await generate(history.url, request, headers)).status).toBe(200);
    await send('DELETE', `/v1/images/${id}-1?purge=true`);
    const again = await generate(history.url, request, headers);
    expect([again.status, (again.body as unknown as ErrorBody).error.code]).toEqual([410, 'generation_deleted']);
  });
});

describe('a bulk change', () => {
  test('of ids changes them at once, and says how many', async () => {
    const ids = [await made('批量一'), await made('批量二')];
    const body = { ids: [...ids, ids[0], '01932d5e-0000-7000-8000-000000000000'] };
    const change = { ...body, action: 'update', add_tags: ['bulk'], note: '一起' };
    expect((await send('POST', '/v1/generations/bulk', { ...change, dry_run: true })).body).toEqual({
      object: 'bulk_result',
      matched: 2,
      changed: 0,
    });
    expect((await send<BulkResult>('POST', '/v1/generations/bulk', change)).body).toMatchObject({
      matched: 2,
      changed: 2,
    });
    expect((await found('tag=bulk')).toSorted()).toEqual(ids.toSorted());
    expect(await search('一起')).toHaveLength(2);
    expect((await send('POST', '/v1/generations/bulk', { ...body, action: 'delete' })).body).toMatchObject({
      changed: 2,
    });
    expect((await send('POST', '/v1/generations/bulk', { ...body, action: 'delete' })).body).toMatchObject({
      changed: 0,
    });
    expect((await send('POST', '/v1/generations/bulk', { ...body, action: 'purge' })).body).toMatchObject({
      changed: 2,
    });
  });

  test('of images touches the images alone', async () => {
    const id = await made('批量图片', { n: 2 });
    const images = { image_ids: [`${id}-0`, `${id}-1`, `${id}-7`] };
    const favorite = { ...images, action: 'update', favorite: true };
    expect((await send('POST', '/v1/generations/bulk', favorite)).body).toMatchObject({ matched: 2, changed: 2 });
    expect((await send('POST', '/v1/generations/bulk', { ...images, action: 'delete' })).body).toMatchObject({
      changed: 2,
    });
    expect((await record(id)).deleted_at).toBeNull();
  });

  test('over a filter is a job, which changes each generation once', async () => {
    for (let index = 0; index < 5; index++) await made(`整理 ${index}`);
    const change = { filter: { q: '整理' }, action: 'update', add_tags: ['tidy'] };
    const { status, body } = await send<BackgroundJob>('POST', '/v1/generations/bulk', change);
    expect([status, body.object]).toEqual([202, 'job']);
    await expect
      .poll(async () => (await get<BackgroundJob>(history.url, `/v1/jobs/${body.id}`)).body)
      .toMatchObject({ state: 'succeeded', done: 5, total: 5, result: { matched: 5, changed: 5, skipped: 0 } });
    expect(await found('tag=tidy')).toHaveLength(5);
  });

  test.each([
    [{ action: 'delete' }, /exactly one of ids, image_ids and filter/],
    [{ ids: ['01932d5e-0000-7000-8000-000000000000'], filter: {}, action: 'delete' }, /exactly one/],
    [{ filter: {}, action: 'delete' }, /set all to true to confirm/],
    [{ filter: { colour: 'red' }, action: 'delete' }, /Unknown parameter "colour"/],
    [{ ids: ['x'], action: 'delete' }, /ids must be ids of generations, got "x"/],
    [
      { ids: ['01932d5e-0000-7000-8000-000000000000'], action: 'update' },
      /needs add_tags, remove_tags, note or favorite/,
    ],
    [{ ids: ['01932d5e-0000-7000-8000-000000000000'], action: 'update', favorite: true }, /favorite belongs to images/],
    [
      { image_ids: ['01932d5e-0000-7000-8000-000000000000-0'], action: 'update', note: 'x' },
      /note belongs to generations/,
    ],
    [{ filter: { tag: ['a'] }, action: 'delete', note: 'x' }, /note belongs to the action update/],
  ])('%j is refused', async (body, message) => {
    const { status, body: refused } = await send<ErrorBody>('POST', '/v1/generations/bulk', body);
    expect([status, refused.error.message]).toEqual([400, expect.stringMatching(message)]);
  });
});
