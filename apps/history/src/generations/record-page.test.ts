import { RESPONSE_EXAMPLES, type GenerationRecord } from '@wan-image/core';
import { expect, test } from 'vitest';
import { RecordPage } from './record-page.ts';

const record = (id: string): GenerationRecord => ({ ...RESPONSE_EXAMPLES.Generation, id });
async function all(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const list: Uint8Array[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return list;
}

const end = { has_more: true, next_cursor: 'c' };

test('the JSON in pieces is that of the list', async () => {
  const batches = [['a', 'b'], ['gone'], ['c']];
  const read = (ids: readonly string[]): Promise<GenerationRecord[]> =>
    Promise.resolve(ids.filter((id) => id !== 'gone').map((id) => record(id)));
  const page = new RecordPage(batches, read, end);
  const chunks = await all(page.chunks());
  const list = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  expect(list).toEqual(await page.list());
  expect(list).toMatchObject({ object: 'list', data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], ...end });
});

test('a page of which nothing is left is an empty list', async () => {
  for (const batches of [[], [['gone']]]) {
    const page = new RecordPage(batches, () => Promise.resolve([]), end);
    const chunks = await all(page.chunks());
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ object: 'list', data: [], ...end });
  }
});

test('a batch is read only when the one before it has been taken: a client that stops reading holds no more', async () => {
  const reads: string[] = [];
  const page = new RecordPage(
    [['a'], ['b'], ['c']],
    (ids) => {
      reads.push(...ids);
      return Promise.resolve(ids.map((id) => record(id)));
    },
    end,
  );
  const chunks = page.chunks();
  expect(reads).toEqual([]);
  await chunks.next();
  expect(reads).toEqual(['a']);
  await chunks.next();
  expect(reads).toEqual(['a', 'b']);
  await chunks.return();
  expect(reads).toEqual(['a', 'b']);
});
