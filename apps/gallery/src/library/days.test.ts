import { expect, test } from 'vitest';
import { addDays } from '../filter/days.ts';
import { browserZone, fixedZone } from './days.ts';

test('a zone of a fixed offset has the name that the service knows', () => {
  expect([fixedZone(8).tz, fixedZone(-5).tz, fixedZone(0).tz]).toEqual(['Etc/GMT-8', 'Etc/GMT+5', 'UTC']);
});

test('a day begins at midnight of the zone', () => {
  const zone = fixedZone(8);
  expect(new Date(zone.startOf('2026-11-28')).toISOString()).toBe('2026-11-27T16:00:00.000Z');
  expect(zone.dayOf('2026-11-27T16:00:00.000Z')).toBe('2026-11-28');
  expect(zone.dayOf('2026-11-27T15:59:59.999Z')).toBe('2026-11-27');
});

test('days of the browser and of the service are the same', () => {
  const zone = browserZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
  for (const day of ['2026-03-29', '2026-10-25', '2026-12-31']) {
    expect(zone.dayOf(new Date(zone.startOf(day)).toISOString())).toBe(day);
    expect(zone.dayOf(new Date(zone.startOf(addDays(day, 1)) - 1).toISOString())).toBe(day);
  }
});

test('the day after the last of a month is the first of the next', () => {
  expect([addDays('2026-02-28', 1), addDays('2024-02-28', 1), addDays('2026-12-31', 1)]).toEqual([
    '2026-03-01',
    '2024-02-29',
    '2027-01-01',
  ]);
});
