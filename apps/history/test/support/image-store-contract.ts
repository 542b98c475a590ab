import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  READ_BYTES,
  SHARDS,
  type ByteRange,
  type ImageStore,
  type RemovalGuard,
} from '../../src/storage/image-store.ts';
import { putText, stageText } from './stored-files.ts';

/** Coarser than the timestamps of a file system: a file written after this pause is newer. */
const TICK_MS = 25;

const HOUR_MS = 3_600_000;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * The contract of every store. `open` opens the store whose root is an empty local folder; a second call with the same
 * folder, as from another process, opens the same store.
 */
export function describeImageStore(name: string, open: (folder: string) => Promise<ImageStore>): void {
  describe(`${name} meets the store contract`, () => {
    let folder: string;
    let store: ImageStore;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'wan-image-store-'));
      store = await open(folder);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    async function textOf(sha256: string, range?: ByteRange): Promise<string | null> {
      const file = await store.open(sha256, range);
      return file && (await buffer(file.stream())).toString();
    }

    async function listed(shard: string): Promise<string[]> {
      const names: string[] = [];
      for await (const batch of store.list(shard)) names.push(...batch);
      return names.toSorted();
    }

    /** A time after every put so far, and before every later put. */
    async function between(): Promise<number> {
      await sleep(TICK_MS);
      const now = await store.now();
      await sleep(TICK_MS);
      return now;
    }

    const wants =
      (...sha256s: string[]): RemovalGuard['wanted'] =>
      async () =>
        new Set(sha256s);

    describe('put and open', () => {
      test('a file that was put can be opened, also by another process', async () => {
        const file = await stageText(store, 'pix', 'els!');
        expect([file.sha256, file.bytes]).toEqual([hashOf('pixels!'), 7]);
        await store.put(file);
        expect(await textOf(file.sha256)).toBe('pixels!');
        store = await open(folder);
        expect(await textOf(file.sha256)).toBe('pixels!');
      });

      test('a range includes both bounds, and stops at the end of the file', async () => {
        const sha256 = await putText(store, 'pixels!');
        expect(await textOf(sha256, { start: 3, end: 5 })).toBe('els');
        expect(await textOf(sha256, { start: 5, end: 100 })).toBe('s!');
      });

      test('chunks return the whole file in one buffer', async () => {
        const text = 'ab'.repeat(READ_BYTES);
        const file = await store.open(await putText(store, text));
        const memories = new Set<ArrayBufferLike>();
        let read = '';
        for await (const chunk of file?.chunks(text.length) ?? []) {
          memories.add(chunk.buffer);
          read += Buffer.from(chunk).toString();
        }
        expect(read === text).toBe(true);
        expect(memories.size).toBe(1);
      });

      test('chunks of a file that is shorter than expected reject', async () => {
        const file = await store.open(await putText(store, 'short'));
        const read = async (): Promise<void> => {
          for await (const _chunk of file?.chunks(6) ?? []);
        };
        await expect(read()).rejects.toThrow('ends after 5 of the 6 bytes');
      });

      test('a file that was not put does not exist: open returns null, has and touch return false', async () => {
        const sha256 = hashOf('never put');
        expect(await store.open(sha256)).toBeNull();
        expect([await store.has(sha256), await store.touch(sha256)]).toEqual([false, false]);
      });

      test('a file that is staged but not put is not in the store, not even after a crash', async () => {
        const file = await stageText(store, 'the process died before the put');
        await file.release();
        const { sha256 } = file;
        store = await open(folder);
        expect([await store.open(sha256), await store.has(sha256)]).toEqual([null, false]);
        expect(await listed(sha256.slice(0, 2))).toEqual([]);
      });

      test('a reader sees nothing or the whole file during a put', async () => {
        const text = 'x'.repeat(4_000_000);
        const file = await stageText(store, text);
        const state = { isPut: false };
        void store.put(file).finally(() => (state.isPut = true));
        const lengths = new Set<number | undefined>();
        while (!state.isPut) lengths.add((await textOf(file.sha256))?.length);
        lengths.add((await textOf(file.sha256))?.length);
        lengths.delete(undefined);
        expect([...lengths]).toEqual([text.length]);
      });

      test('the same content is stored once, however many put it concurrently', async () => {
        const sha256s = await Promise.all(Array.from({ length: 8 }, () => putText(store, 'same')));
        expect(new Set(sha256s)).toEqual(new Set([hashOf('same')]));
        expect(await listed(hashOf('same').slice(0, 2))).toEqual([hashOf('same')]);
        expect(await textOf(hashOf('same'))).toBe('same');
        expect(await store.remove([hashOf('same')], { before: await between(), wanted: wants() })).toBe(1);
        expect(await store.has(hashOf('same'))).toBe(false);
      });

      test('put moves the staged file, and discarding it afterwards is harmless', async () => {
        const file = await stageText(store, 'mine');
        await store.put(file);
        expect(await readdir(store.staging)).toEqual([]);
        await file.discard();
        expect(await textOf(file.sha256)).toBe('mine');
      });
    });

    describe('list', () => {
      test('a shard lists the hashes with its prefix, and all shards together list everything', async () => {
        const sha256s = await Promise.all(Array.from({ length: 40 }, (_, index) => putText(store, `image ${index}`)));
        for (const shard of new Set(sha256s.map((sha256) => sha256.slice(0, 2))))
          expect(await listed(shard)).toEqual(sha256s.filter((sha256) => sha256.startsWith(shard)).toSorted());
        const all = await Promise.all(SHARDS.map(listed));
        expect(all.flat()).toEqual(sha256s.toSorted());
      });

      test('an empty shard lists nothing, not an empty batch', async () => {
        const batches = [];
        for await (const batch of store.list('00')) batches.push(batch);
        expect(batches).toEqual([]);
      });
    });

    describe('remove', () => {
      test('removes old files that are not wanted; keeps wanted and new files, and ignores missing ones', async () => {
        const [old, wanted] = [await putText(store, 'old'), await putText(store, 'wanted')];
        const before = await between();
        const recent = await putText(store, 'recent');
        const states: boolean[] = [];
        const guard = async (): Promise<ReadonlySet<string>> => {
          states.push(await store.has(recent));
          return new Set([wanted]);
        };
        expect(await store.remove([old, wanted, recent, hashOf('missing')], { before, wanted: guard })).toBe(1);
        expect([await store.has(old), await textOf(wanted), await textOf(recent)]).toEqual([false, 'wanted', 'recent']);
        expect(states).toEqual([true]);
        expect(await listed(old.slice(0, 2))).not.toContain(old);
      });

      test('a file that is put again or touched counts as new, even with the same bytes', async () => {
        const [again, touched] = [await putText(store, 'again'), await putText(store, 'touched')];
        const before = await between();
        await putText(store, 'again');
        expect(await store.touch(touched)).toBe(true);
        expect(await store.remove([again, touched], { before, wanted: wants() })).toBe(0);
        expect([await textOf(again), await textOf(touched)]).toEqual(['again', 'touched']);
      });

      test('a file that is put during the wanted check stays, though the older one is removed', async () => {
        const sha256 = await putText(store, 'raced');
        const before = await between();
        const wanted = async (): Promise<ReadonlySet<string>> => {
          await putText(store, 'raced');
          return new Set();
        };
        await store.remove([sha256], { before, wanted });
        expect(await textOf(sha256)).toBe('raced');
      });

      test('a file that turns out to be wanted counts as new', async () => {
        const sha256 = await putText(store, 'recorded late');
        const before = await between();
        expect(await store.remove([sha256], { before, wanted: wants(sha256) })).toBe(0);
        expect(await store.remove([sha256], { before, wanted: wants() })).toBe(0);
        expect(await textOf(sha256)).toBe('recorded late');
      });

      test('an interrupted removal is completed by the next one, whichever files that removes', async () => {
        const [wanted, unwanted] = [await putText(store, 'wanted'), await putText(store, 'unwanted')];
        const before = await between();
        const dies = (): Promise<never> => Promise.reject(new Error('the process dies'));
        for (const sha256 of [wanted, unwanted])
          await expect(store.remove([sha256], { before, wanted: dies })).rejects.toThrow('the process dies');
        store = await open(folder);
        expect(await store.remove([], { before, wanted: wants(wanted) })).toBe(1);
        expect([await textOf(wanted), await store.has(unwanted)]).toEqual(['wanted', false]);
      });

      test('two processes that remove the same files remove each once', async () => {
        const sha256s = await Promise.all(Array.from({ length: 20 }, (_, index) => putText(store, `twice ${index}`)));
        const before = await between();
        const processes = [store, await open(folder)];
        await Promise.all(processes.map((process) => process.remove(sha256s, { before, wanted: wants() })));
        const there = await Promise.all(sha256s.map((sha256) => store.has(sha256)));
        expect(there).not.toContain(true);
      });
    });

    describe('the store itself', () => {
      test('is owned by the first to claim it', async () => {
        expect(await store.owner()).toBeNull();
        await store.claim('one');
        await (await open(folder)).claim('other');
        expect(await store.owner()).toBe('one');
      });

      test('has a running clock, close to the local one', async () => {
        const first = await store.now();
        await sleep(TICK_MS);
        expect(await store.now()).toBeGreaterThan(first);
        expect(Math.abs(first - Date.now())).toBeLessThan(HOUR_MS);
      });

      test('passes its checks; checks, clock and claim leave no files behind', async () => {
        await store.check();
        await store.checkRoom();
        await store.now();
        await store.claim('one');
        expect(await readdir(store.staging)).toEqual([]);
        expect((await Promise.all(SHARDS.map(listed))).flat()).toEqual([]);
      });
    });
  });
}
