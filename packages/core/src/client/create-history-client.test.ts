import type { ServerResponse } from 'node:http';
import { failureOf } from '@wan-image/testing/failures';
import { sendJson, startTestServer, type Respond, type TestServer } from '@wan-image/testing/http-server';
import { disposable } from '@wan-image/testing/resource';
import { describe, expect, test } from 'vitest';
import {
  createClient,
  createHistoryClient,
  isWanImageError,
  type EventsOptions,
  type GenerationEvent,
  type HistoryClient,
  type WanImageError,
} from '../index.node.ts';

const record = (id: string): object => ({
  id,
  object: 'generation',
  state: 'succeeded',
  outcome: 'billed',
  source: 'n8n',
  model: 'wan2.7-image',
  prompt: '花店',
  request: {},
  dropped: [],
  input_images: [],
  images: [],
  error: null,
  upstream: { request_id: null, status: 200, attempts: 1, simulated: false, message: null, extra: null },
  created_at: '2026-11-23T08:00:00.000Z',
  sent_at: null,
  finished_at: null,
  duration_ms: null,
  cost: null,
  api_key: null,
});

/** A client with short retry delays, and its server. */
async function openHistory(
  respond: Respond,
  options: { readonly timeoutMs?: number } = {},
): Promise<AsyncDisposable & { readonly server: TestServer; readonly history: HistoryClient }> {
  const server = await startTestServer(respond);
  const retry = { baseDelayMs: 1 };
  const history = createHistoryClient({ baseUrl: server.url, apiKey: 'k-secret', retry, ...options });
  return disposable({ server, history }, async () => server[Symbol.asyncDispose]());
}

const clientFailure = (work: Promise<unknown>): Promise<WanImageError> => failureOf(work, isWanImageError);

test('list passes the reference of a client on, page by page', async () => {
  const path = '/v1/generations?user=%E5%B0%8F%E7%8E%8B%20%26%201&metadata[or%26der]=47%3D11&metadata[b]=%E8%8A%B1';
  const pages: Record<string, object> = {
    [path]: { data: [record('a')], has_more: true, next_cursor: 'a' },
    [`${path}&cursor=a`]: { data: [record('b')], has_more: false, next_cursor: null },
  };
  await using opened = await openHistory((request, response) => {
    sendJson(response, 200, { object: 'list', ...pages[request.path] });
  });
  const found: string[] = [];
  const reference = { user: '小王 & 1', metadata: { 'or&der': '47=11', b: '花' } };
  for await (const { id } of opened.history.list(reference)) found.push(id);
  expect(found).toEqual(['a', 'b']);
});

test('list yields all records and requests pages as they are reached', async () => {
  const pages: Record<string, object> = {
    '/v1/generations?limit=2': { data: [record('a'), record('b')], has_more: true, next_cursor: 'b' },
    '/v1/generations?limit=2&cursor=b': { data: [record('c')], has_more: false, next_cursor: null },
  };
  await using server = await startTestServer(({ path }, response) =>
    sendJson(response, 200, { object: 'list', ...pages[path] }),
  );
  const history = createHistoryClient({ baseUrl: server.url, apiKey: 'k' });
  const ids: string[] = [];
  for await (const { id } of history.list({ limit: 2 })) {
    if (ids.length === 0) expect(server.requests).toHaveLength(1);
    ids.push(id);
  }
  expect(ids).toEqual(['a', 'b', 'c']);
  expect(server.requests.map(({ path }) => path)).toEqual(Object.keys(pages));
});

test('every part of the filter is a parameter of the query, lists repeated', async () => {
  const empty = { object: 'list', data: [], has_more: false, next_cursor: null };
  await using opened = await openHistory((_request, response) => sendJson(response, 200, empty));
  const filter = {
    q: '花 "two words"',
    state: ['failed', 'canceled'],
    size: ['2K', '1024x768'],
    tag: ['冬天', 'a&b'],
    favorite: true,
    created_after: '2026-11-01',
    has_input_image: false,
    seed: 0,
    metadata: { order: '4711' },
  } as const;
  await opened.history.page({ ...filter, order: 'desc', count: true });
  await opened.history.imagePage({ ...filter, limit: 1000 });
  const [generations, images] = opened.server.requests.map(({ path }) => new URL(path, opened.server.url));
  const parts = [
    ['q', '花 "two words"'],
    ['state', 'failed'],
    ['state', 'canceled'],
    ['size', '2K'],
    ['size', '1024x768'],
    ['tag', '冬天'],
    ['tag', 'a&b'],
    ['favorite', 'true'],
    ['created_after', '2026-11-01'],
    ['has_input_image', 'false'],
    ['seed', '0'],
    ['metadata[order]', '4711'],
  ];
  expect([generations?.pathname, ...(generations?.searchParams ?? [])]).toEqual([
    '/v1/generations',
    ...parts,
    ['order', 'desc'],
    ['count', 'true'],
  ]);
  expect([images?.pathname, ...(images?.searchParams ?? [])]).toEqual(['/v1/images', ...parts, ['limit', '1000']]);
});

test('a part of the filter without a value is refused: it would select everything', async () => {
  await using opened = await openHistory((_request, response) => sendJson(response, 200, {}));
  const error = await clientFailure(opened.history.page({ id: [] }));
  expect(error).toMatchObject({ kind: 'invalid_request', param: 'id', outcome: 'not_billed' });
  expect(error.message).toBe('id is empty: give at least one value, or omit it.');
  expect(opened.server.requests).toEqual([]);
});

test('a record that does not exist is an error that is free of charge', async () => {
  await using server = await startTestServer((_request, response) =>
    sendJson(response, 404, { error: { message: 'No such generation.', code: 'not_found' } }),
  );
  const history = createHistoryClient({ baseUrl: server.url, apiKey: 'k' });
  await expect(history.get('a/b')).rejects.toMatchObject({ status: 404, code: 'not_found', outcome: 'not_billed' });
  expect(server.requests[0]?.path).toBe('/v1/generations/a%2Fb');
});

describe('get', () => {
  test('reads the record of a generation that failed, whose error is its own', async () => {
    const error = { type: 'server_error', code: 'interrupted', message: 'The process died.', param: null };
    await using opened = await openHistory((_request, response) =>
      sendJson(response, 200, { ...record('a'), state: 'failed', outcome: 'unknown', error }),
    );
    expect(await opened.history.get('a')).toMatchObject({ state: 'failed', error });
  });

  test('adds wait to the timeout of the call', async () => {
    await using opened = await openHistory(
      (_request, response) => void setTimeout(() => sendJson(response, 200, record('a')), 300),
      { timeoutMs: 100 },
    );
    expect(await clientFailure(opened.history.get('a', { retry: { maxRetries: 0 } }))).toMatchObject({
      kind: 'timed_out',
    });
    expect(await opened.history.get('a', { wait: 5 })).toMatchObject({ id: 'a' });
    expect(opened.server.requests.map(({ path }) => path)).toEqual(['/v1/generations/a', '/v1/generations/a?wait=5']);
  });

  test.each([-1, 61, 1.5, Number.NaN])('refuses wait %d', async (wait) => {
    await using opened = await openHistory((_request, response) => sendJson(response, 200, record('a')));
    const error = await clientFailure(opened.history.get('a', { wait }));
    expect(error).toMatchObject({ kind: 'invalid_request', param: 'wait', outcome: 'not_billed' });
    expect(error.message).toContain('from 0 to 60');
    expect(opened.server.requests).toHaveLength(0);
  });
});

describe('submit', () => {
  const input = { model: 'wan2.7-image', prompt: '花' } as const;
  const accepts: Respond = (_request, response) => sendJson(response, 202, { ...record('a'), state: 'queued' });

  test('enqueues a complete request of the contract with its key', async () => {
    await using opened = await openHistory(accepts);
    const image = 'https://example.com/1.png';
    const submitted = await opened.history.submit(
      { ...input, image, extra: { bbox_list: [] } },
      { idempotencyKey: 'k-1' },
    );
    expect(submitted).toMatchObject({ id: 'a', state: 'queued' });
    const [received] = opened.server.requests;
    expect(received).toMatchObject({
      method: 'POST',
      path: '/v1/images/generations',
      headers: { prefer: 'respond-async', 'idempotency-key': 'k-1', authorization: 'Bearer k-secret' },
    });
    expect(JSON.parse(received?.body ?? '')).toMatchObject({ ...input, n: 1, size: '2K', image, bbox_list: [] });
  });

  test('sends nothing if the contract refuses the request', async () => {
    await using opened = await openHistory(accepts);
    const error = await clientFailure(opened.history.submit({ ...input, n: 9 }));
    expect(error).toMatchObject({ kind: 'invalid_request', param: 'n', outcome: 'not_billed' });
    expect(opened.server.requests).toHaveLength(0);
  });

  const losesFirst: Respond = (request, response, count) =>
    count === 1 ? void response.destroy() : accepts(request, response, count);

  test('is not retried if the outcome is unknown', async () => {
    await using opened = await openHistory(losesFirst);
    const error = await clientFailure(opened.history.submit(input));
    expect(error).toMatchObject({ kind: 'connection_lost', outcome: 'unknown', retryable: false });
    expect(opened.server.requests).toHaveLength(1);
  });

  test('is retried with the same key with unknownOutcomes', async () => {
    await using opened = await openHistory(losesFirst);
    await opened.history.submit(input, { retry: { unknownOutcomes: true } });
    const keys = opened.server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('may have been billed if a server without a queue responds', async () => {
    await using opened = await openHistory((_request, response) =>
      sendJson(response, 200, { created: 1, data: [{ url: 'https://example.com/1.png' }] }),
    );
    const error = await clientFailure(opened.history.submit(input, { retry: { unknownOutcomes: true } }));
    expect(error).toMatchObject({ kind: 'unreadable_response', outcome: 'unknown' });
    expect(opened.server.requests).toHaveLength(1);
  });
});

describe('an action on a record', () => {
  test('returns the record', async () => {
    await using opened = await openHistory((_request, response) => sendJson(response, 200, record('a/b')));
    expect(await opened.history.cancel('a/b')).toMatchObject({ id: 'a/b' });
    expect(await opened.history.resolve('a/b', { outcome: 'billed' })).toMatchObject({ id: 'a/b' });
    expect(opened.server.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/v1/generations/a%2Fb/cancel', '{}'],
      ['POST', '/v1/generations/a%2Fb/resolve', '{"outcome":"billed"}'],
    ]);
  });

  test.each<[string, (history: HistoryClient) => Promise<unknown>]>([
    ['canceled', (history) => history.cancel('a')],
    ['resolved', (history) => history.resolve('a', { outcome: 'billed' })],
  ])('fails without a retry if the generation cannot be %s', async (_what, act) => {
    await using opened = await openHistory((_request, response) =>
      sendJson(response, 409, { error: { message: 'There is nothing left.', code: 'already_ended' } }),
    );
    const error = await clientFailure(act(opened.history));
    expect(error).toMatchObject({ kind: 'refused', fault: 'caller', code: 'already_ended', outcome: 'not_billed' });
    expect(error.message).toBe('There is nothing left.');
    expect(opened.server.requests).toHaveLength(1);
  });

  test('is tried again where the connection is lost: it changes nothing twice', async () => {
    await using opened = await openHistory((_request, response, count) =>
      count === 1 ? void response.destroy() : sendJson(response, 200, record('a')),
    );
    expect(await opened.history.cancel('a')).toMatchObject({ id: 'a' });
  });
});

describe('a rerun', () => {
  const accepts: Respond = (_request, response) => sendJson(response, 202, { ...record('b'), state: 'queued' });

  test('is enqueued with what it changes, and with a key of its own', async () => {
    await using opened = await openHistory(accepts);
    expect(await opened.history.rerun('a/b')).toMatchObject({ id: 'b', state: 'queued' });
    await opened.history.rerun(
      'a',
      { seed: null, image: null, n: 2, extra: { user: null } },
      { idempotencyKey: 'k-1' },
    );
    await opened.history.rerun('a', { image: ['https://example.com/1.png', 'https://example.com/2.png'] });
    const [first, second, third] = opened.server.requests;
    expect(first).toMatchObject({
      method: 'POST',
      path: '/v1/generations/a%2Fb/rerun',
      headers: { prefer: 'respond-async', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.headers['idempotency-key']).toBe('k-1');
    expect(JSON.parse(second?.body ?? '')).toEqual({ user: null, seed: null, image: null, n: 2 });
    expect(JSON.parse(third?.body ?? '')).toEqual({
      image: ['https://example.com/1.png', 'https://example.com/2.png'],
    });
  });

  test('sends nothing if it changes a parameter that there is not, or with an image that is none', async () => {
    await using opened = await openHistory(accepts);
    for (const [overrides, param] of [
      [{ sead: 1 } as object, 'sead'],
      [{ extra: { seed: 1 } }, 'extra.seed'],
      [{ image: new Uint8Array([1, 2, 3]) }, 'image'],
    ] as const) {
      const error = await clientFailure(opened.history.rerun('a', overrides));
      expect(error).toMatchObject({ kind: 'invalid_request', param, outcome: 'not_billed' });
    }
    expect(opened.server.requests).toEqual([]);
  });

  test('is billed like any other: not retried after a lost connection, unless it is asked for', async () => {
    const losesFirst: Respond = (request, response, count) =>
      count === 1 ? void response.destroy() : accepts(request, response, count);
    await using opened = await openHistory(losesFirst);
    expect(await clientFailure(opened.history.rerun('a'))).toMatchObject({ outcome: 'unknown', retryable: false });
    await using retrying = await openHistory(losesFirst);
    await retrying.history.rerun('a', {}, { retry: { unknownOutcomes: true } });
    const keys = retrying.server.requests.map(({ headers }) => headers['idempotency-key']);
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
  });

  test('of what is in the bin is refused, and free of charge; of any other 409 the outcome is unknown', async () => {
    await using opened = await openHistory((_request, response, count) =>
      sendJson(response, 409, {
        error: { message: 'No.', code: count === 1 ? 'generation_deleted' : 'still_running' },
      }),
    );
    expect(await clientFailure(opened.history.rerun('a'))).toMatchObject({ kind: 'refused', outcome: 'not_billed' });
    expect(await clientFailure(opened.history.rerun('a'))).toMatchObject({ kind: 'server_failed', outcome: 'unknown' });
    expect(opened.server.requests).toHaveLength(2);
  });
});

describe('a deletion', () => {
  const gone: Respond = (_request, response) => void response.writeHead(204).end();
  const missing: Respond = (_request, response) =>
    sendJson(response, 404, { error: { message: 'No such generation.', code: 'not_found' } });

  test('is a DELETE without a body', async () => {
    await using opened = await openHistory(gone);
    expect(await opened.history.delete('a/b')).toBeUndefined();
    await opened.history.delete('a', { purge: true });
    await opened.history.deleteImage('a-0', { purge: false });
    expect(opened.server.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['DELETE', '/v1/generations/a%2Fb', ''],
      ['DELETE', '/v1/generations/a?purge=true', ''],
      ['DELETE', '/v1/images/a-0', ''],
    ]);
  });

  test('is tried again where the connection is lost; for good, a 404 then means that it is gone', async () => {
    const losesFirst: Respond = (request, response, count) =>
      count === 1 ? void response.destroy() : missing(request, response, count);
    await using opened = await openHistory(losesFirst);
    expect(await opened.history.delete('a', { purge: true })).toBeUndefined();
    await using toBin = await openHistory(losesFirst);
    expect(await clientFailure(toBin.history.delete('a'))).toMatchObject({ status: 404, attempts: 2 });
    await using never = await openHistory(missing);
    expect(await clientFailure(never.history.delete('a', { purge: true }))).toMatchObject({ status: 404, attempts: 1 });
  });

  test('is refused while it is in flight, without a retry', async () => {
    await using opened = await openHistory((_request, response) =>
      sendJson(response, 409, { error: { message: 'It is in flight.', code: 'in_flight' } }),
    );
    const error = await clientFailure(opened.history.delete('a'));
    expect(error).toMatchObject({ kind: 'refused', code: 'in_flight', outcome: 'not_billed', attempts: 1 });
    expect(error.message).toBe('It is in flight.');
  });

  test('fails where the response is another than a 204: a page of a wrong address, say', async () => {
    await using opened = await openHistory(
      (_request, response) => void response.writeHead(200).end('<title>Hi</title>'),
    );
    const error = await clientFailure(opened.history.delete('a'));
    expect(error).toMatchObject({ kind: 'unreadable_response', outcome: 'not_billed' });
  });
});

describe('a bulk change', () => {
  const job = {
    id: 'j',
    object: 'job',
    kind: 'bulk',
    state: 'failed',
    done: 1,
    total: null,
    result: null,
    error: { type: 'server_error', code: 'job_failed', message: 'It broke.', param: null },
    created_at: '2026-11-23T08:00:00.000Z',
    finished_at: null,
  };
  const result = { object: 'bulk_result', matched: 2, changed: 1 };
  const respond: Respond = ({ body }, response) => {
    const { filter, dry_run: isDry } = JSON.parse(body) as { filter?: object; dry_run?: boolean };
    if (filter !== undefined && isDry !== true) sendJson(response, 202, job);
    else sendJson(response, 200, result);
  };
  const losing: Respond = (request, response, count) =>
    count === 1 ? void response.destroy() : respond(request, response, count);
  const byIds = { ids: ['a', 'b'], action: 'delete' } as const;
  const byFilter = { filter: { tag: ['x'] }, action: 'update', add_tags: ['y'] } as const;

  test('of ids has a result, one over a filter is a job', async () => {
    await using opened = await openHistory(respond);
    expect(await opened.history.bulk(byIds)).toEqual(result);
    expect(await opened.history.bulk(byFilter)).toEqual(job);
    expect(await opened.history.bulk({ ...byFilter, dry_run: true })).toEqual(result);
    expect(opened.server.requests.map(({ method, path }) => [method, path])).toEqual(
      Array.from({ length: 3 }, () => ['POST', '/v1/generations/bulk']),
    );
  });

  test.each([
    ['of ids', byIds, result],
    ['over a filter', byFilter, job],
  ])('%s is tried again where the connection is lost, with the same key', async (_what, change, response) => {
    await using opened = await openHistory(losing);
    expect(await opened.history.bulk(change)).toEqual(response);
    await opened.history.bulk(change);
    await opened.history.bulk(change, { idempotencyKey: 'tidy' });
    const [first, again, next, own] = opened.server.requests.map(({ headers }) => headers['idempotency-key']);
    expect([first === again, first === next, own]).toEqual([true, false, 'tidy']);
  });
});

describe('events', () => {
  const image = {
    id: 'a-0',
    object: 'image',
    index: 0,
    state: 'stored',
    url: 'http://127.0.0.1/images/a-0',
    width: 1,
    height: 1,
    bytes: 1,
    mime_type: 'image/png',
    sha256: 'f',
    revised_prompt: '图'.repeat(10),
    warning: null,
    orientation: null,
    favorite: false,
    thumbhash: null,
    deleted_at: null,
  };
  const stateOf = (state: string, error: unknown = null): object => ({ id: 'a', state, outcome: null, error });
  const text = (type: string, id: string, data: object): string =>
    `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
  const RUNNING = text('state', 'running', stateOf('running'));
  const IMAGE = text('image', 'running.0', image);
  const ENDED = text('state', 'succeeded.0', stateOf('succeeded'));
  const begin = (response: ServerResponse): ServerResponse => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n');
    return response;
  };
  const collect = async (history: HistoryClient, options?: EventsOptions): Promise<GenerationEvent[]> => {
    const events: GenerationEvent[] = [];
    for await (const event of history.events('a', options)) events.push(event);
    return events;
  };
  const ids = (events: readonly GenerationEvent[]): string[] => events.map(({ id }) => id);
  const lastIds = (server: TestServer): unknown[] => server.requests.map(({ headers }) => headers['last-event-id']);

  test('are yielded as they arrive, until there are no more', async () => {
    await using opened = await openHistory(({ headers }, response) => {
      if (headers['last-event-id'] === 'succeeded.0') response.writeHead(204).end();
      else begin(response).end(`: still here\n\n${RUNNING}event: news\nid: x\ndata: {}\n\n${IMAGE}${ENDED}`);
    });
    expect(await collect(opened.history)).toEqual([
      { type: 'state', id: 'running', data: stateOf('running') },
      { type: 'image', id: 'running.0', data: image },
      { type: 'state', id: 'succeeded.0', data: stateOf('succeeded') },
    ]);
    expect(opened.server.requests[0]).toMatchObject({
      path: '/v1/generations/a/events',
      headers: { accept: 'text/event-stream', authorization: 'Bearer k-secret' },
    });
    expect(await collect(opened.history, { lastEventId: 'succeeded.0' })).toEqual([]);
  });

  test('are read however the network splits them', async () => {
    const bytes = Buffer.from(`${RUNNING}${IMAGE}${ENDED}`.replaceAll('\n', '\r\n'));
    await using opened = await openHistory(async ({ headers }, response) => {
      const isOver = headers['last-event-id'] !== undefined;
      if (isOver) response.writeHead(204);
      else begin(response);
      for (let at = isOver ? bytes.length : 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const events = await collect(opened.history);
    expect(ids(events)).toEqual(['running', 'running.0', 'succeeded.0']);
    expect(events[1]?.data).toEqual(image);
  });

  test('resume after a broken connection, each yielded once', async () => {
    await using opened = await openHistory((_request, response, count) => {
      if (count === 1) begin(response).write(RUNNING + IMAGE.slice(0, 50), () => response.destroy());
      else if (count === 2) begin(response).write(IMAGE, () => response.destroy());
      else if (count <= 6) begin(response).end();
      else if (count === 7) begin(response).end(ENDED);
      else response.writeHead(204).end();
    });
    expect(ids(await collect(opened.history))).toEqual(['running', 'running.0', 'succeeded.0']);
    expect(lastIds(opened.server).slice(0, 3)).toEqual([undefined, 'running', 'running.0']);
    expect(lastIds(opened.server).at(-1)).toBe('succeeded.0');
  });

  test('have the error of a failed generation', async () => {
    const error = { type: 'server_error', code: null, message: 'It broke.', param: null };
    await using opened = await openHistory((_request, response, count) =>
      count === 1
        ? void begin(response).end(text('state', 'failed', stateOf('failed', error)))
        : void response.writeHead(204).end(),
    );
    expect(await collect(opened.history)).toMatchObject([{ data: { state: 'failed', error } }]);
  });

  test('fail if the server refuses, never responds, or the call times out', async () => {
    await using refusing = await openHistory((_request, response) =>
      sendJson(response, 404, { error: { message: 'No such generation.', code: 'not_found' } }),
    );
    expect(await clientFailure(collect(refusing.history))).toMatchObject({ status: 404, kind: 'refused' });
    await using down = await openHistory((_request, response) => void response.destroy());
    expect(await clientFailure(collect(down.history))).toMatchObject({
      kind: 'connection_lost',
      outcome: 'not_billed',
    });
    expect(down.server.requests).toHaveLength(4);
    await using silent = await openHistory((_request, response) => void begin(response).write(RUNNING));
    expect(await clientFailure(collect(silent.history, { timeoutMs: 300 }))).toMatchObject({ kind: 'timed_out' });
  });

  test('close the connection when their reader stops', async () => {
    let close = (): void => undefined;
    const closed = new Promise<void>((resolve) => (close = resolve));
    await using opened = await openHistory((_request, response) => {
      response.once('close', () => close());
      begin(response).write(RUNNING);
    });
    for await (const { type } of opened.history.events('a')) {
      expect(type).toBe('state');
      break;
    }
    await closed;
  });
});

describe('a webhook', () => {
  const ID = '019ab2d1-1122-7334-8556-77889900aabb';
  const cut: Respond = (_request, response) => void response.destroy();

  test.each<[string, (webhooks: HistoryClient['webhooks']) => Promise<unknown>]>([
    ['created', (webhooks) => webhooks.create({ url: 'https://example.com/hooks' })],
    ['given another secret', (webhooks) => webhooks.rotateSecret(ID)],
    ['tested', (webhooks) => webhooks.test(ID)],
    ['sent an event again', (webhooks) => webhooks.redeliver(ID)],
  ])('is %s once, also if the response is lost', async (_what, act) => {
    await using opened = await openHistory(cut);
    const error = await clientFailure(act(opened.history.webhooks));
    expect(error).toMatchObject({ kind: 'connection_lost', outcome: 'not_billed' });
    expect(opened.server.requests).toHaveLength(1);
  });

  test.each<[string, (webhooks: HistoryClient['webhooks']) => Promise<unknown>]>([
    ['read', (webhooks) => webhooks.get(ID)],
    ['changed', (webhooks) => webhooks.update(ID, { enabled: true })],
  ])('is %s again after a lost connection', async (_what, act) => {
    await using opened = await openHistory(cut);
    await clientFailure(act(opened.history.webhooks));
    expect(opened.server.requests).toHaveLength(4);
  });

  test('that a lost first request has deleted is gone', async () => {
    await using opened = await openHistory((_request, response, requests) => {
      if (requests === 1) response.destroy();
      else sendJson(response, 404, { error: { message: 'This webhook does not exist.', type: 'not_found_error' } });
    });
    await expect(opened.history.webhooks.delete(ID)).resolves.toBeUndefined();
  });
});

describe('an export', () => {
  const bytesOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
    let text = '';
    for await (const chunk of chunks) text += Buffer.from(chunk).toString('latin1');
    return text;
  };

  test('yields the archive as it arrives, of the project that is named', async () => {
    await using opened = await openHistory((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/zip' });
      response.write('PK');
      setImmediate(() => response.end('..'));
    });
    const { history, server } = opened;
    expect(await bytesOf(history.export({ format: 'zip', image_ids: ['a-0'] }, { projectId: 'all' }))).toBe('PK..');
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/exports?project_id=all',
      body: '{"format":"zip","image_ids":["a-0"]}',
      headers: { accept: 'application/zip', authorization: 'Bearer k-secret' },
    });
  });

  test('that breaks off fails, and is not begun again under a reader that has a part of it', async () => {
    await using opened = await openHistory((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/zip' });
      response.write('PK');
      setTimeout(() => response.destroy(), 50);
    });
    const error = await clientFailure(bytesOf(opened.history.export({ format: 'zip', ids: ['a'] })));
    expect(error).toMatchObject({ kind: 'connection_lost', outcome: 'not_billed', attempts: 1 });
  });

  test('that fails before its first byte is retried', async () => {
    await using opened = await openHistory((_request, response, count) =>
      count === 1
        ? sendJson(response, 503, { error: { message: 'later' } })
        : void response.writeHead(200, { 'content-type': 'application/zip' }).end('PK'),
    );
    expect(await bytesOf(opened.history.export({ format: 'zip', ids: ['a'] }))).toBe('PK');
    expect(opened.server.requests).toHaveLength(2);
  });
});

describe('a client without a key', () => {
  test('sends no Authorization header, so that the session of its page counts', async () => {
    await using opened = await openHistory((request, response) => {
      if (request.method === 'DELETE') response.writeHead(204).end();
      else sendJson(response, 200, request.path === '/v1/tags' ? { object: 'list', data: [] } : record('a'));
    });
    const history = createHistoryClient({ baseUrl: opened.server.url, apiKey: null });
    await history.tags();
    await history.submit({ model: 'wan2.7-image', prompt: '花' });
    await history.delete('a');
    expect(opened.server.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is not one that found none: only null asks for it, and only of a history client', () => {
    const options = { baseUrl: 'http://127.0.0.1:1' };
    expect(() => createHistoryClient({ ...options, apiKey: '' })).toThrow('apiKey is missing');
    // @ts-expect-error A generation at the vendor always needs a key.
    expect(() => createClient({ ...options, apiKey: null })).toThrow('apiKey is missing');
  });
});

describe('session', () => {
  test('signs in with a key, and out', async () => {
    await using opened = await openHistory((_request, response) => void response.writeHead(204).end());
    const { session } = createHistoryClient({ baseUrl: opened.server.url, apiKey: null });
    await session.create('wan_key-of-a-person');
    await session.delete();
    expect(opened.server.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/v1/session', '{"api_key":"wan_key-of-a-person"}'],
      ['DELETE', '/v1/session', ''],
    ]);
  });

  test('does not show the key that was refused', async () => {
    const reported: string[] = [];
    await using opened = await openHistory((request, response) =>
      sendJson(response, 401, { error: { message: `Invalid: ${request.body}`, code: 'invalid_api_key' } }),
    );
    const { session } = createHistoryClient({
      baseUrl: opened.server.url,
      apiKey: null,
      hooks: { error: ({ error }) => void reported.push(JSON.stringify(error)) },
    });
    const error = await clientFailure(session.create('key-of-a-person'));
    expect(error).toMatchObject({ kind: 'authentication', code: 'invalid_api_key', outcome: 'not_billed' });
    expect(error.message + error.serverMessage + reported.join('')).not.toContain('key-of-a-person');
  });

  test.each(['', ' key', '"key"'])('refuses %j before anything is sent', async (key) => {
    await using opened = await openHistory((_request, response) => void response.writeHead(204).end());
    await expect(opened.history.session.create(key)).rejects.toMatchObject({ param: 'apiKey' });
    expect(opened.server.requests).toEqual([]);
  });
});
