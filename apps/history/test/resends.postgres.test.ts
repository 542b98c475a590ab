import { disposable } from '@wan-image/testing/resource';
import pg from 'pg';
import { expect, test } from 'vitest';
import { allEnded, sendAndCut } from './support/cut-requests.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchStreaming, generate, get, type JsonResponse } from './support/requests.ts';
import { openHistory, openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

const retry = (count: number): Record<string, string> => ({ 'x-stainless-retry-count': String(count) });
const AI_SDK = { 'user-agent': 'ai-sdk/openai-compatible/2.0.1' };
const idOf = ({ headers }: JsonResponse<unknown>): string | null => headers.get('x-generation-id');
const isReplay = ({ headers }: JsonResponse<unknown>): boolean => headers.get('idempotent-replayed') === 'true';
const requestOf = (prompt: string, faults: string) => ({
  model: 'wan2.7-image',
  prompt: `${prompt} [[simulate ${faults}]]`,
  size: '1K',
});

test('retries on other replicas each get a generation that was cut, and begin only what is missing', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = upstreamAt(simulator.url);
  await using one = await runHistory(testData, environment);
  await using other = await runHistory(testData, environment);
  await using third = await runHistory(testData, environment);
  const running = requestOf('副本', 'delay=1500');
  await sendAndCut({ url: one.url, simulator }, running, 3);
  const urls = [other.url, third.url, one.url, other.url];
  const retries = await Promise.all(urls.map((url) => generate(url, running, retry(1))));
  expect(new Set(retries.map(idOf)).size).toBe(4);
  expect(retries.filter(isReplay)).toHaveLength(3);
  expect(simulator.totals.calls).toBe(4);
  const ended = requestOf('副本结束', 'delay=200');
  await sendAndCut({ url: one.url, simulator }, ended, 8);
  await allEnded(one.url, ended.prompt);
  // Whether their clients count them or not, those that come together get different ones.
  const again = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      generate(index < 4 ? other.url : third.url, ended, index % 2 === 0 ? retry(1) : AI_SDK),
    ),
  );
  expect(again.every(isReplay)).toBe(true);
  expect(new Set(again.map(idOf)).size).toBe(8);
  expect(simulator.totals.calls).toBe(12);
});

test('a retry that disconnects before its generation is recorded begins none', async () => {
  await using history = await openHistory();
  const { testData, simulator } = history;
  const client = new pg.Client({ connectionString: testData.environment['DATABASE_URL'] });
  await client.connect();
  await using _closing = disposable({}, () => client.end());
  await client.query('begin; lock table open_response in access exclusive mode');
  const cutting = new AbortController();
  const request = requestOf('断开', 'delay=0');
  const gone = fetchStreaming(`${history.url}/v1/images/generations`, {
    method: 'POST',
    body: JSON.stringify(request),
    headers: { 'content-type': 'application/json', ...retry(1) },
    signal: cutting.signal,
  });
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'update open_response%'`;
  await expect.poll(() => onDatabase(testData, waiting)).toHaveLength(1);
  cutting.abort();
  await expect(gone).rejects.toMatchObject({ name: 'AbortError' });
  // Another request on the way: the service has noticed by then.
  await get(history.url, '/v1/generations');
  await client.query('commit');
  await expect.poll(() => onDatabase(testData, waiting)).toHaveLength(0);
  // As long as a generation of the first would take to begin.
  expect((await generate(history.url, requestOf('之后', 'delay=200'))).status).toBe(200);
  expect(simulator.totals.calls).toBe(1);
  expect(isReplay(await generate(history.url, request, retry(2)))).toBe(false);
  expect(simulator.totals.calls).toBe(2);
});

test('an unknown outcome is repeated by every replica, for two minutes of the database’s clock', async () => {
  await using history = await openHistory();
  const { testData, simulator } = history;
  await using replica = await runHistory(testData, upstreamAt(simulator.url));
  const request = requestOf('两分钟', 'status=500 times=1');
  const failed = await generate(history.url, request);
  const age = (time: string): Promise<unknown> =>
    onDatabase(testData, `update generation set finished_at = now() - interval '${time}' where id = '${idOf(failed)}'`);
  await age('110 seconds');
  const again = await generate(replica.url, request, AI_SDK);
  expect([again.status, again.body, isReplay(again)]).toEqual([500, failed.body, true]);
  await age('121 seconds');
  expect((await generate(replica.url, request, AI_SDK)).status).toBe(200);
  expect(simulator.totals.calls).toBe(2);
});

test('a response that was not received when its process died is handed to a retry on another replica', async () => {
  await using history = await openHistory();
  const { testData, simulator } = history;
  const request = requestOf('死了', 'delay=200');
  await sendAndCut(history, request);
  await allEnded(history.url, request.prompt);
  // As a process leaves it that is killed between the end of a generation and its response: the disconnect was never recorded.
  const dead = `worker_id = '01932d5e-0000-7000-8000-000000000000'`;
  await onDatabase(testData, `update open_response set is_detached = false, ${dead}`);
  await using replica = await runHistory(testData, upstreamAt(simulator.url));
  const again = await generate(replica.url, request, AI_SDK);
  expect([again.status, isReplay(again)]).toEqual([200, true]);
  expect(simulator.totals.calls).toBe(1);
});

test('a response that was not received waits ten minutes for a retry, and two for a client that does not count its own', async () => {
  await using history = await openHistory();
  const { testData, simulator } = history;
  const request = requestOf('十分钟', 'delay=200');
  await sendAndCut(history, request, 3);
  await allEnded(history.url, request.prompt);
  const age = (time: string): Promise<unknown> =>
    onDatabase(testData, `update open_response set since = now() - interval '${time}'`);
  await age('110 seconds');
  expect(isReplay(await generate(history.url, request, AI_SDK))).toBe(true);
  await age('121 seconds');
  expect(isReplay(await generate(history.url, request, AI_SDK))).toBe(false);
  await age('590 seconds');
  expect(isReplay(await generate(history.url, request, retry(1)))).toBe(true);
  await age('601 seconds');
  expect(isReplay(await generate(history.url, request, retry(1)))).toBe(false);
  expect(simulator.totals.calls).toBe(5);
});

test('a generation in flight that a replica of the version before has recorded is joined by a retry', async () => {
  await using history = await openHistory();
  const { testData, simulator } = history;
  const request = requestOf('旧版', 'delay=1500');
  await sendAndCut(history, request);
  await onDatabase(testData, 'delete from open_response');
  expect(isReplay(await generate(history.url, request, retry(1)))).toBe(true);
  expect(simulator.totals.calls).toBe(1);
});

test('rows of open responses are deleted when they are received or have expired', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  await using history = await runHistory(testData, upstreamAt(simulator.url), { longestIntervalMs: 50 });
  const count = async (): Promise<number> => (await onDatabase(testData, 'select from open_response')).length;
  const [cut, received] = [requestOf('断', 'delay=200'), requestOf('收到', 'delay=0')];
  await sendAndCut({ url: history.url, simulator }, cut);
  await allEnded(history.url, cut.prompt);
  expect((await generate(history.url, received)).status).toBe(200);
  await expect.poll(count).toBe(1);
  await onDatabase(testData, `update open_response set since = now() - interval '601 seconds'`);
  await expect.poll(count).toBe(0);
  expect((await get(history.url, '/v1/generations')).status).toBe(200);
});

test('a service that stops has closed the responses that were received', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    const prompts = ['停', '止', '前'];
    const responses = await Promise.all(prompts.map((prompt) => generate(history.url, requestOf(prompt, 'delay=0'))));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  }
  expect(await onDatabase(testData, 'select generation_id from open_response')).toEqual([]);
});

test('only what closes a response does not wait for the disk', async () => {
  await using testData = await openTestData();
  // As on a server with its defaults; that of the tests waits for no commit.
  await onDatabase(
    testData,
    `do 'begin execute format(''alter database %I set synchronous_commit = on'', current_database()); end'`,
  );
  await using simulator = await runSimulator();
  await using history = await runHistory(testData, upstreamAt(simulator.url));
  // Of rows: what is deleted because it has expired is none here.
  await onDatabase(
    testData,
    `create table commits (written text, setting text);
     create function note_commit() returns trigger language plpgsql as
       'begin insert into commits values (tg_op || '' '' || tg_argv[0], current_setting(''synchronous_commit'')); return null; end';
     create trigger closing after delete on open_response for each row execute function note_commit('open_response');
     create trigger opening after insert on open_response for each row execute function note_commit('open_response');
     create trigger ending after update on generation for each row execute function note_commit('generation')`,
  );
  for (let index = 0; index < 3; index++) {
    await generate(history.url, requestOf(`等${index}`, 'delay=0'));
    await expect.poll(() => onDatabase(testData, 'select generation_id from open_response')).toEqual([]);
  }
  expect(await onDatabase(testData, 'select distinct written, setting from commits order by written')).toEqual([
    { written: 'DELETE open_response', setting: 'off' },
    { written: 'INSERT open_response', setting: 'on' },
    { written: 'UPDATE generation', setting: 'on' },
  ]);
});
