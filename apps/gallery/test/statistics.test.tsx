import type { StatisticsRow } from '@wan-image/core';
import type { RecordedRequest } from '@wan-image/testing/http-server';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, expect, test, vi } from 'vitest';
import { causeOfCode } from '../src/generations/cause.ts';
import { addDays } from '../src/filter/days.ts';
import { stacked } from '../src/statistics/figures.ts';
import { daysIn, rangeOf, timeOf } from '../src/statistics/range.ts';
import { openPage, startHistory, urlOf, WAIT } from './support/open-page.tsx';

// The plots draw on a canvas, of which there is none here: what they show is tested in a browser. Their tables are tested here.
beforeAll(() => {
  vi.stubGlobal('Path2D', class {});
  const context = new Proxy({}, { get: () => () => ({ width: 0 }), set: () => true });
  HTMLCanvasElement.prototype.getContext = (() => context) as never;
});

const row = (changes: Partial<StatisticsRow> = {}): StatisticsRow => ({
  simulated: false,
  generations: { succeeded: 3, failed: 1, canceled: 0 },
  unknown: 0,
  failures: { Arrearage: 1 },
  images: 5,
  cost: { CNY: '1.20' },
  latency: { p50_ms: 8200, p95_ms: 12_400 },
  stored_bytes: 5_000_000,
  deleted_bytes: 0,
  ...changes,
});

/** Each row in each grouping, with what it is grouped by. */
function statisticsOf(rows: readonly StatisticsRow[]) {
  return (request: RecordedRequest) => {
    const named = urlOf(request).searchParams.getAll('group_by');
    const groups = new Set(named.flatMap((one) => one.split(',')));
    const data = rows.map((one) => ({
      ...one,
      ...(groups.has('day') && { day: '2026-11-27' }),
      ...(groups.has('model') && { model: 'wan2.7-image' }),
    }));
    return { object: 'stats', from: '', to: '', complete: true, data };
  };
}

const PATH = '/statistics?from=2026-11-20&to=2026-11-28';

test('a plot has its figures as a table', async () => {
  await using service = await startHistory({ 'GET /v1/stats': statisticsOf([row()]) });
  const { user } = await openPage(service, PATH);
  const figure = within(await screen.findByRole('region', { name: 'Generations by day' }, WAIT));
  await user.click(figure.getByRole('button', { name: 'Show as a table' }));
  const cells = figure.getAllByRole('row').map((one) => Array.from(one.children, ({ textContent }) => textContent));
  expect(cells).toEqual([
    ['Day', 'Succeeded', 'Failed', 'Canceled'],
    ['Nov 27, 2026', '3', '1', '0'],
  ]);
  const cost = within(screen.getByRole('region', { name: 'Cost by day, in CNY' }));
  await user.click(cost.getByRole('button', { name: 'Show as a table' }));
  expect(cost.getByText('1.20 CNY')).toBeTruthy();
});

test('without a price the cost is not set, which is not 0', async () => {
  await using service = await startHistory({ 'GET /v1/stats': statisticsOf([row({ cost: {} })]) });
  await openPage(service, PATH);
  expect((await screen.findAllByText('No price set', {}, WAIT)).length).toBeGreaterThan(0);
  expect(screen.getByText(/Set PRICES/)).toBeTruthy();
  expect(screen.queryByRole('region', { name: /^Cost by day/ })).toBeNull();
});

/** The figures of two models, and of both together. */
function modelsOf(pro: Partial<StatisticsRow>) {
  const models = [
    { ...row(), model: 'wan2.7-image' },
    { ...row(pro), model: 'wan2.7-image-pro' },
  ];
  return (request: RecordedRequest) => {
    const named = urlOf(request).searchParams.getAll('group_by').join(',');
    const data = named.includes('model') ? models : [row({ cost: { ...pro.cost, ...row().cost } })];
    return { object: 'stats', from: '', to: '', complete: true, data };
  };
}

const costOf = async (model: string): Promise<string | null | undefined> => {
  const name = await screen.findByText(model, { selector: 'td, th' }, WAIT);
  const cells = Array.from(name.closest('tr')?.children ?? [], ({ textContent }) => textContent);
  return cells.find((text) => /CNY|price/.test(text));
};

test('what was generated before its model had a price is not said to have cost 0', async () => {
  const prices = { 'wan2.7-image': '0.20', 'wan2.7-image-pro': '0.50' };
  await using service = await startHistory({ 'GET /v1/stats': modelsOf({ cost: {} }) }, { prices });
  await openPage(service, PATH);
  expect(await costOf('wan2.7-image-pro')).toBe('No price set');
  // The sum lacks what one of the models cost.
  expect(screen.getByText(/Set PRICES/)).toBeTruthy();
});

test('a price of 0 is a price', async () => {
  const prices = { 'wan2.7-image': '0.20', 'wan2.7-image-pro': '0.00' };
  await using service = await startHistory({ 'GET /v1/stats': modelsOf({ cost: {} }) }, { prices });
  await openPage(service, PATH);
  expect(await costOf('wan2.7-image-pro')).toBe('0 CNY');
  expect(screen.queryByText(/Set PRICES/)).toBeNull();
});

test('what was simulated is apart from what costs money', async () => {
  const simulated = row({ simulated: true, images: 77, cost: {} });
  await using service = await startHistory({ 'GET /v1/stats': statisticsOf([row(), simulated]) });
  const { user, address } = await openPage(service, PATH);
  expect((await screen.findAllByText('1.20 CNY', {}, WAIT)).length).toBeGreaterThan(0);
  expect(screen.queryByText('77')).toBeNull();
  await user.click(screen.getByRole('radio', { name: 'Simulated' }));
  expect((await screen.findAllByText('77', {}, WAIT)).length).toBeGreaterThan(0);
  expect(screen.getAllByText('Free').length).toBeGreaterThan(0);
  expect(address()).toContain('simulated=true');
});

test('failures are told by cause, in words and by their code', async () => {
  await using service = await startHistory({ 'GET /v1/stats': statisticsOf([row()]) });
  await openPage(service, PATH, 'zh');
  const table = within(await screen.findByRole('region', { name: '失败原因：数据' }, WAIT));
  expect(table.getByText(/上游账户余额或额度不足/)).toBeTruthy();
  expect(table.getByText('Arrearage')).toBeTruthy();
});

test('a range is one click, and part of the URL', async () => {
  await using service = await startHistory();
  const { user, address } = await openPage(service, '/statistics');
  await user.click(await screen.findByRole('button', { name: '7 days' }, WAIT));
  await waitFor(() => expect(address()).toMatch(/^\/statistics\?from=2\d{3}-\d\d-\d\d&to=2\d{3}-\d\d-\d\d$/), WAIT);
  expect(screen.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed')).toBe('true');
});

test('days of a range are whole, whatever the URL says', () => {
  expect(rangeOf({}, '2026-11-28')).toEqual({ from: '2026-10-30', to: '2026-11-28' });
  expect(rangeOf({ from: '2026-11-28', to: '2026-11-01' }, '2026-11-28')).toEqual({
    from: '2026-11-01',
    to: '2026-11-28',
  });
  expect(daysIn(rangeOf({ from: '0001-01-01' }, '2026-11-28'))).toHaveLength(3660);
  expect(daysIn({ from: '2024-02-28', to: '2024-03-01' })).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
});

test('a time zone that is off by half an hour is counted by the nearest whole hour, as in the library', () => {
  const range = { from: '2026-11-01', to: '2026-11-02' };
  const offset = vi.spyOn(Date.prototype, 'getTimezoneOffset');
  offset.mockReturnValue(-480);
  expect(timeOf(range, 'Asia/Shanghai').tz).toBe('Asia/Shanghai');
  offset.mockReturnValue(-330);
  expect(timeOf(range, 'Asia/Kolkata')).toEqual({
    tz: 'Etc/GMT-6',
    from: '2026-10-31T18:00:00.000Z',
    to: '2026-11-02T18:00:00.000Z',
  });
  offset.mockRestore();
});

test('the parts of a bar stand on each other', () => {
  const series = [
    { label: 'a', values: [1, 2] },
    { label: 'b', values: [3, null] },
  ];
  expect(stacked(series)).toEqual([
    [1, 2],
    [4, 2],
  ]);
});

test.each([
  ['connection_lost', 'connection_lost'],
  ['interrupted', 'interrupted'],
  ['authentication', 'authentication'],
  ['DataInspectionFailed', 'content_refused'],
  ['insufficient_quota', 'out_of_credit'],
  ['Throttling.RateQuota', 'rate_limited'],
  ['InternalError', 'server_failed'],
  ['InvalidParameter', 'invalid_request'],
  ['SomethingNew', 'other'],
] as const)('the code %s alone tells the cause %s', (code, cause) => {
  expect(causeOfCode(code)).toBe(cause);
});
