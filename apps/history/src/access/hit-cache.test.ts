import { expect, test } from 'vitest';
import { HitCache } from './hit-cache.ts';

test('what is forgotten while it is being read is read again', async () => {
  const reads: PromiseWithResolvers<object | null>[] = [];
  const cache = new HitCache<object>(() => {
    const read = Promise.withResolvers<object | null>();
    reads.push(read);
    return read.promise;
  });
  const before = cache.find('a');
  // As a browser signs out while its images load.
  cache.forget('a');
  reads[0]?.resolve({});
  expect(await before).toEqual({});
  const after = cache.find('a');
  reads[1]?.resolve(null);
  expect(await after).toBeNull();
});
