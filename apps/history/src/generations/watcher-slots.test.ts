import { expect, test } from 'vitest';
import { WatcherSlots } from './watcher-slots.ts';

const refused = (slots: WatcherSlots, keyId: string | null): unknown => {
  try {
    slots.take(keyId)[Symbol.dispose]();
    return null;
  } catch (error) {
    return error;
  }
};

test('an API key takes half of the slots, and others the rest', () => {
  const slots = new WatcherSlots({ maxWatchers: 4 });
  const held = [slots.take('one'), slots.take('one')];
  expect(refused(slots, 'one')).toMatchObject({
    status: 503,
    code: 'too_many_watchers',
    message: expect.stringMatching(/^The clients of your API key use half .* Try again/),
  });
  held.push(slots.take('other'), slots.take(null));
  expect(refused(slots, null)).toMatchObject({ message: expect.stringMatching(/^Too many clients/) });
  held[0]?.[Symbol.dispose]();
  // A slot is given back once.
  held[0]?.[Symbol.dispose]();
  expect(refused(slots, 'one')).toBe(null);
  held.push(slots.take('one'));
  expect(refused(slots, 'other')).toMatchObject({ code: 'too_many_watchers' });
});

test('callers without a key of their own share all slots', () => {
  const slots = new WatcherSlots({ maxWatchers: 3 });
  for (let count = 0; count < 3; count++) slots.take(null);
  expect(refused(slots, null)).toMatchObject({ status: 503 });
});

test('where there is one slot, a key may have it', () => {
  expect(refused(new WatcherSlots({ maxWatchers: 1 }), 'one')).toBe(null);
});
