import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiKeyCache } from './api-key-cache.ts';
import type { KeyOfProject } from './access.repository.ts';

// lru-cache keeps a reference to `performance`, which fake timers do not replace, and caches the time until a timer fires.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function keyWith(hash: string, changes: Partial<KeyOfProject> = {}): KeyOfProject {
  return {
    id: `id of ${hash}`,
    projectId: 'p',
    name: 'a key',
    prefix: 'wan_123456',
    hash,
    scopes: ['read'],
    rateLimit: null,
    spendLimit: null,
    spendPeriod: null,
    createdAt: new Date(0),
    expiresAt: null,
    revokedAt: null,
    archivedAt: null,
    projectArchivedAt: null,
    lastUsedAt: new Date(),
    ...changes,
  };
}

/** A cache over a table of keys that can be changed, and that counts its reads. */
function openCache(...hashes: string[]) {
  const table = new Map(hashes.map((hash) => [hash, keyWith(hash)]));
  const findKey = vi.fn<(hash: string) => Promise<KeyOfProject | null>>(async (hash) => table.get(hash) ?? null);
  const touchKey = vi.fn<() => Promise<void>>(async () => undefined);
  return {
    table,
    findKey,
    touchKey,
    cache: new ApiKeyCache({ findKey, touchKey }, pino({ level: 'silent' }), { now: () => new Date() }),
  };
}

test('a key is read once in five seconds', async () => {
  const { cache, findKey } = openCache('a');
  expect((await cache.find('a'))?.hash).toBe('a');
  vi.advanceTimersByTime(4_900);
  expect((await cache.find('a'))?.hash).toBe('a');
  expect(findKey).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(200);
  await cache.find('a');
  expect(findKey).toHaveBeenCalledTimes(2);
});

test('concurrent look-ups of a key share one query', async () => {
  const { cache, findKey } = openCache('a');
  const found = await Promise.all(Array.from({ length: 20 }, () => cache.find('a')));
  expect(new Set(found).size).toBe(1);
  expect(findKey).toHaveBeenCalledTimes(1);
});

test('a key that does not exist yet works as soon as it does', async () => {
  const { cache, table } = openCache();
  expect(await cache.find('a')).toBeNull();
  table.set('a', keyWith('a'));
  expect((await cache.find('a'))?.hash).toBe('a');
});

test('a failed look-up is not cached', async () => {
  const { cache, findKey } = openCache('a');
  findKey.mockRejectedValueOnce(new Error('the database is unavailable'));
  await expect(cache.find('a')).rejects.toThrow('the database is unavailable');
  expect((await cache.find('a'))?.hash).toBe('a');
});

test('a full cache forgets the least recently used key alone', async () => {
  const hashes = Array.from({ length: 1001 }, (_, index) => `key ${index}`);
  const { cache, findKey } = openCache(...hashes);
  for (const hash of hashes.slice(0, 1000)) await cache.find(hash);
  await cache.find('key 0');
  await cache.find('key 1000');
  findKey.mockClear();
  for (const hash of hashes) if (hash !== 'key 1') await cache.find(hash);
  expect(findKey).not.toHaveBeenCalled();
  await cache.find('key 1');
  expect(findKey).toHaveBeenCalledTimes(1);
});

test('guessed keys do not fill the cache', async () => {
  const { cache, findKey } = openCache('a');
  await cache.find('a');
  for (let guess = 0; guess < 1001; guess++) expect(await cache.find(`guess ${guess}`)).toBeNull();
  findKey.mockClear();
  await cache.find('a');
  expect(findKey).not.toHaveBeenCalled();
});

test('clear forgets all keys, including one that is being read', async () => {
  const { cache, findKey, table } = openCache('a', 'b');
  await cache.find('a');
  const { promise, resolve } = Promise.withResolvers<KeyOfProject | null>();
  findKey.mockReturnValueOnce(promise);
  const reading = cache.find('b');
  const revoked = keyWith('b', { revokedAt: new Date() });
  table.set('b', revoked);
  cache.clear();
  resolve(keyWith('b'));
  expect((await reading)?.revokedAt).toBeNull();
  expect(await cache.find('b')).toBe(revoked);
  findKey.mockClear();
  await cache.find('a');
  expect(findKey).toHaveBeenCalledTimes(1);
});

test('the use of a key is recorded at most once a minute, and a failed write does not fail the look-up', async () => {
  const { cache, table, touchKey } = openCache('a');
  await cache.find('a');
  expect(touchKey).not.toHaveBeenCalled();
  table.set('a', keyWith('a', { lastUsedAt: new Date(Date.now() - 61_000) }));
  cache.clear();
  touchKey.mockRejectedValueOnce(new Error('the database is unavailable'));
  expect((await cache.find('a'))?.hash).toBe('a');
  expect(touchKey).toHaveBeenCalledTimes(1);
});

test('a key whose read lies in the time to come, because the clock went back, is read again', async () => {
  const { cache, findKey } = openCache('a');
  await cache.find('a');
  vi.setSystemTime(Date.now() - 3_600_000);
  await cache.find('a');
  expect(findKey).toHaveBeenCalledTimes(2);
});
