import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LedgerRepository, SentGeneration } from '../ledger/ledger.repository.ts';
import type { Reconciled } from './worker-leases.repository.ts';
import type { UpstreamSlotsRepository } from './upstream-slots.repository.ts';
import { UpstreamSlots } from './upstream-slots.service.ts';
import type { WorkerLeases } from './worker-leases.service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const sentAt = new Date('2026-11-27T00:00:00Z');

/** A fake database that grants slots as the test specifies, and records the released ones. */
function slotsOn(database: { slots: (string | Error)[][]; gone?: Reconciled[]; sendsAtOnce?: Date | null }) {
  const released: string[] = [];
  const repository = {
    acquire: async (): Promise<readonly SentGeneration[]> => {
      const next = database.slots.shift() ?? [];
      const failure = next.find((one) => one instanceof Error);
      if (failure) throw failure;
      return next.map((id) => ({ id: String(id), sentAt }));
    },
    release: async () => undefined,
  } as unknown as UpstreamSlotsRepository;
  const leases = {
    workerId: 'this process',
    reconcileQueued: async () => database.gone?.splice(0) ?? [],
  } as unknown as WorkerLeases;
  const ledger = {
    markSent: async () => database.sendsAtOnce ?? null,
    markNotSent: async ({ id }: SentGeneration) => void released.push(id),
  } as unknown as LedgerRepository;
  const limits = { concurrency: 'sendsAtOnce' in database ? null : 1, perMinute: null };
  return { slots: new UpstreamSlots(repository, leases, ledger, limits, pino({ level: 'silent' })), released };
}

test('without limits, a queued generation is sent at once if this process may still send it', async () => {
  expect(await slotsOn({ slots: [], sendsAtOnce: sentAt }).slots.acquire('a')).toBe(sentAt);
  expect(await slotsOn({ slots: [], sendsAtOnce: null }).slots.acquire('a')).toBeNull();
});

test('a generation waits until a poll acquires its slot, even if polls fail meanwhile', async () => {
  const { slots } = slotsOn({ slots: [[], [new Error('the database is away')], ['a']] });
  const acquired = slots.acquire('a');
  await vi.advanceTimersByTimeAsync(1000);
  expect(await acquired).toBe(sentAt);
});

test('a released slot triggers a poll at once, not an interval later', async () => {
  const { slots } = slotsOn({ slots: [[], ['a']] });
  const acquired = slots.acquire('a');
  await vi.advanceTimersByTimeAsync(1);
  slots.notifyReleased();
  expect(await acquired).toBe(sentAt);
});

test('an aborted generation is not sent, and a slot that it acquires afterwards is released', async () => {
  const { slots, released } = slotsOn({ slots: [[], ['a'], ['b']] });
  const [aborted, other] = [slots.acquire('a'), slots.acquire('b')];
  await vi.advanceTimersByTimeAsync(1);
  slots.abandon('a');
  expect(await aborted).toBeNull();
  await vi.advanceTimersByTimeAsync(1000);
  expect(await other).toBe(sentAt);
  expect(released).toEqual(['a']);
});

test('a generation that another process canceled or claimed stops waiting, and a slot whose confirmation was lost is used', async () => {
  const gone = [
    { id: 'canceled', sentAt: null },
    { id: 'sent', sentAt },
  ];
  const { slots } = slotsOn({ slots: [], gone });
  const acquired = [slots.acquire('canceled'), slots.acquire('sent')];
  await vi.advanceTimersByTimeAsync(3000);
  expect(await Promise.all(acquired)).toEqual([null, sentAt]);
});
