import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { unzip } from '../../test/support/unzip.ts';
import { zipOf, type ZipEntry } from './zip.ts';

const modified = new Date('2026-11-28T10:00:00.000Z');
const CHUNK = Buffer.alloc(64 * 1024, 'a');

/** A file that counts how much of it is read. */
function fileOf(chunks: number): { readonly content: Readable; readonly read: () => number } {
  let read = 0;
  const content = Readable.from(
    (function* () {
      for (; read < chunks; read++) yield CHUNK;
    })(),
    { objectMode: false },
  );
  return { content, read: () => read };
}

async function* listed(...entries: readonly ZipEntry[]): AsyncGenerator<ZipEntry, void, void> {
  yield* entries;
}

const text = (path: string, content: string): ZipEntry => ({ path, modified, content: Readable.from([content]) });

test('an archive has its files under names in UTF-8, stored, with their times', async () => {
  const files = await unzip(await buffer(zipOf(listed(text('images/花店.png', 'one'), text('b.txt', '')))));
  expect([...files].map(([path, { bytes }]) => [path, bytes.toString()])).toEqual([
    ['images/花店.png', 'one'],
    ['b.txt', ''],
  ]);
  for (const { entry } of files.values()) {
    expect([entry.compressionMethod, entry.generalPurposeBitFlag & 0x800]).toEqual([0, 0x800]);
    expect(entry.getLastModDate()).toEqual(modified);
  }
});

test('no more is read than its reader takes, and no entry before the one before it is read', async () => {
  const first = fileOf(1000);
  const second = fileOf(1000);
  let asked = 0;
  async function* entries(): AsyncGenerator<ZipEntry, void, void> {
    for (const { content } of [first, second]) {
      asked++;
      yield { path: `${asked}.bin`, modified, content };
    }
  }
  const reading = zipOf(entries());
  for (let count = 0; count < 10; count++) await reading.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(first.read()).toBeLessThan(40);
  expect([asked, second.read()]).toEqual([1, 0]);
  await reading.return();
});

test('a reader that stops ends the entries, and closes the file that is open', async () => {
  const file = fileOf(1000);
  let hasEnded = false;
  async function* entries(): AsyncGenerator<ZipEntry, void, void> {
    try {
      yield { path: 'a.bin', modified, content: file.content };
      yield text('b.txt', 'b');
    } finally {
      hasEnded = true;
    }
  }
  const reading = zipOf(entries());
  await reading.next();
  await reading.return();
  expect([file.content.destroyed, hasEnded]).toEqual([true, true]);
  expect(file.read()).toBeLessThan(40);
});

describe('an archive has no end', () => {
  const failing = (): Readable => {
    const content = new Readable({ read: () => undefined });
    content.push('half');
    setImmediate(() => content.destroy(new Error('the disk is away')));
    return content;
  };

  async function* broken(): AsyncGenerator<ZipEntry, void, void> {
    yield text('a.txt', 'a');
    throw new Error('the database is away');
  }

  test.each<[string, () => AsyncIterable<ZipEntry>, string]>([
    ['a file cannot be read', () => listed({ path: 'a', modified, content: failing() }), 'the disk is away'],
    ['a file is shorter', () => listed({ ...text('a', 'abc'), bytes: 4 }), 'unexpected number of bytes'],
    ['a file is longer', () => listed({ ...text('a', 'abc'), bytes: 2 }), 'unexpected number of bytes'],
    ['the next file cannot be found', broken, 'the database is away'],
  ])('if %s', async (_what, entries, message) => {
    const received: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of zipOf(entries())) received.push(chunk);
    })();
    await expect(reading).rejects.toThrow(message);
    await expect(unzip(Buffer.concat(received))).rejects.toThrow();
  });
});

test('a file that was opened and is not needed any more is closed', async () => {
  const opened = Promise.withResolvers<Readable>();
  const isStopped = Promise.withResolvers<void>();
  async function* entries(): AsyncGenerator<ZipEntry, void, void> {
    yield text('a.txt', 'a');
    await isStopped.promise;
    const content = new Readable({ read: () => undefined });
    opened.resolve(content);
    yield { path: 'b.bin', modified, content };
  }
  const reading = zipOf(entries());
  await reading.next();
  const ending = reading.return();
  isStopped.resolve();
  const content = await opened.promise;
  if (!content.closed) await once(content, 'close');
  await ending;
  expect(content.destroyed).toBe(true);
});
