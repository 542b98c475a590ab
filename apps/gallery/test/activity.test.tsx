import type { BackgroundJob, GenerationRecord } from '@wan-image/core';
import type { RecordedRequest } from '@wan-image/testing/http-server';
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { EMPTY_LIST, openPage, startHistory, urlOf, WAIT } from './support/open-page.tsx';
import { recordOf } from './support/record.ts';

const ids = ['a', 'b', 'c'].map((letter) => `019ab2c4-5d6e-7f80-9a1b-2c3d4e5f607${letter}`);
const [QUEUED = '', RUNNING = '', ENDED = ''] = ids;

const queued = recordOf({ id: QUEUED, prompt: 'waits', state: 'queued', outcome: null, sent_at: null, images: [] });
const running = recordOf({ id: RUNNING, prompt: 'runs', state: 'running', outcome: null, images: [] });
const unknown = failed('may be billed', 'unknown', { type: 'server_error', code: 'connection_lost' });

/** The lists of the page, each by what it selects. */
function lists(records: readonly GenerationRecord[]) {
  return (request: RecordedRequest) => {
    const query = urlOf(request).searchParams;
    const states = query.getAll('state');
    const outcomes = query.getAll('outcome');
    const data = records.filter(
      ({ state, outcome }) =>
        (states.length === 0 || states.includes(state)) && (outcomes.length === 0 || outcomes.includes(outcome ?? '')),
    );
    return { ...EMPTY_LIST, data };
  };
}

function failed(
  prompt: string,
  outcome: GenerationRecord['outcome'],
  error: { readonly type: string; readonly code: string },
): GenerationRecord {
  const details = { ...error, message: `The message of ${error.code}.`, param: null };
  return recordOf({ id: ENDED, prompt, state: 'failed', outcome, images: [], error: details });
}

const posts = (requests: readonly RecordedRequest[]) => requests.filter(({ method }) => method === 'POST');
const row = async (prompt: string) => {
  const link = await screen.findByRole('link', { name: prompt }, WAIT);
  return within(link.closest('li')!);
};

test('what waits is canceled at once, and what was sent only after a question', async () => {
  await using service = await startHistory({
    'GET /v1/generations': lists([queued, running]),
    [`POST /v1/generations/${QUEUED}/cancel`]: {
      ...queued,
      state: 'canceled',
      outcome: 'not_billed',
      finished_at: '2026-11-28T10:01:00.000Z',
    },
    [`POST /v1/generations/${RUNNING}/cancel`]: {
      ...running,
      state: 'canceled',
      outcome: 'unknown',
      finished_at: '2026-11-28T10:01:00.000Z',
    },
  });
  const { user } = await openPage(service, '/activity');
  expect((await row('waits')).getByText(/^Waiting for /)).toBeTruthy();
  expect((await row('runs')).getByText(/^Generating for .* h /)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Cancel: waits' }));
  expect(await screen.findByText(/nothing is billed/, {}, WAIT)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Cancel: runs' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Cancel this generation?' }, WAIT));
  expect(posts(service.requests)).toHaveLength(1);
  await user.click(dialog.getByRole('button', { name: 'Cancel the generation' }));
  expect(await screen.findByText(/It may have been billed: settle/, {}, WAIT)).toBeTruthy();
});

test('an unknown outcome is settled by what the invoice says', async () => {
  await using service = await startHistory({
    'GET /v1/generations': lists([unknown]),
    [`POST /v1/generations/${ENDED}/resolve`]: { ...unknown, outcome: 'not_billed' },
  });
  const { user } = await openPage(service, '/activity');
  const found = await row('may be billed');
  expect(found.getByText(/The connection to the upstream broke/)).toBeTruthy();
  expect(found.getByText('The message of connection_lost.')).toBeTruthy();
  // It cannot be sent again from here before that.
  expect(found.queryByRole('button', { name: /^Generate again/ })).toBeNull();
  await user.click(found.getByRole('button', { name: 'Settle: may be billed' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Was it billed?' }, WAIT));
  expect(dialog.getByText('upstream-1')).toBeTruthy();
  expect(dialog.getByText('0.20 CNY')).toBeTruthy();
  await user.click(dialog.getByRole('button', { name: 'It was not billed' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), WAIT);
  expect(posts(service.requests).map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
    [`/v1/generations/${ENDED}/resolve`, { outcome: 'not_billed' }],
  ]);
});

test('what failed without a bill can be sent again, once for each press', async () => {
  await using service = await startHistory({
    'GET /v1/generations': lists([failed('again', 'not_billed', { type: 'server_error', code: 'connection_failed' })]),
    [`POST /v1/generations/${ENDED}/rerun`]: recordOf({ id: RUNNING, state: 'queued', outcome: null }),
  });
  const { user } = await openPage(service, '/activity');
  await user.click((await row('again')).getByRole('button', { name: 'Generate again: again' }));
  expect(await screen.findByText('It is being generated again', {}, WAIT)).toBeTruthy();
  const [sent, ...more] = posts(service.requests);
  expect([sent?.path, more.length]).toEqual([`/v1/generations/${ENDED}/rerun`, 0]);
  expect(sent?.headers['idempotency-key']).toBeTruthy();
});

test.each([
  ['DataInspectionFailed', 400, 'Content moderation refused it', false],
  ['Arrearage', 402, 'The account at the upstream cannot pay', true],
  ['authentication', null, 'The upstream refused the API key of this service', true],
  ['Throttling.RateQuota', 429, 'The upstream was too busy', true],
] as const)('the cause %s is said in words, with what to do', async (code, status, words, isRepeatable) => {
  const record = failed('it', 'not_billed', { type: 'upstream_error', code });
  await using service = await startHistory({
    'GET /v1/generations': lists([{ ...record, upstream: { ...record.upstream, status } }]),
  });
  await openPage(service, '/activity');
  const found = await row('it');
  expect(found.getByText(words)).toBeTruthy();
  expect(found.queryAllByRole('button', { name: /^Generate again/ })).toHaveLength(isRepeatable ? 1 : 0);
  expect(found.getByRole('link', { name: /^Change and generate/ }).getAttribute('href')).toBe(`/create?from=${ENDED}`);
});

test('a key is offered only what it may do', async () => {
  const records = [running, unknown];
  await using service = await startHistory(
    { 'GET /v1/generations': lists(records) },
    { scopes: ['read'], key_required: true },
  );
  await openPage(service, '/activity');
  await row('runs');
  await row('may be billed');
  expect(screen.queryAllByRole('button', { name: /^(Cancel|Settle|Generate)/ })).toEqual([]);
  expect(screen.getByText(/Only a key with the scope “manage”/)).toBeTruthy();
});

const job: BackgroundJob = {
  id: RUNNING,
  object: 'job',
  kind: 'bulk',
  state: 'running',
  done: 40,
  total: 200,
  result: null,
  error: null,
  created_at: '2026-11-28T10:00:00.000Z',
  finished_at: null,
};

test('background work shows how far it is, and can be stopped', async () => {
  const done: BackgroundJob = {
    ...job,
    id: ENDED,
    kind: 'something-new',
    state: 'succeeded',
    result: { matched: 6, changed: 5 },
  };
  await using service = await startHistory({
    'GET /v1/jobs': { object: 'list', data: [job, done] },
    [`POST /v1/jobs/${RUNNING}/cancel`]: { ...job, state: 'canceled' },
  });
  const { user } = await openPage(service, '/activity');
  const progress = await screen.findByRole<HTMLProgressElement>('progressbar', { name: /^Progress of/ }, WAIT);
  expect([progress.value, progress.max]).toEqual([40, 200]);
  expect(screen.getByText('40 of 200')).toBeTruthy();
  expect(screen.getByText('6 matched, 5 changed')).toBeTruthy();
  expect(screen.getByText(/Work of kind “something-new”/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Stop: Change of many images' }));
  expect(await screen.findByText(/What it had done stays done/, {}, WAIT)).toBeTruthy();
});
