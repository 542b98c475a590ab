import type { ServerResponse } from 'node:http';
import type { GenerationRecord, InputImageRecord } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { sendJson, startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, createProject } from './support/access.ts';
import { fetchChecked, generate, get, imageAt } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type TestData, type RunningHistory } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '改', size: '1K' };
const SETTINGS = { ADMIN_API_KEY, ARCHIVE_INPUTS: 'true', ARCHIVE_PRIVATE_HOSTS: 'true' };
/** The interval between two polls for due inputs, in milliseconds. */
const OFTEN = { longestIntervalMs: 50 };

/** The response of the input host at each path. */
const responses = new Map<string, (response: ServerResponse) => void>();

const resources = new AsyncDisposableStack();
let png: Buffer;
let testData: TestData;
/** The URL of an input at the input host. */
let host: TestServer;
/** An upstream that does not fetch inputs, unlike the simulator. */
let vendor: TestServer;
let history: RunningHistory;
beforeAll(async () => {
  png = await encodeImage({ format: 'png', width: 320, height: 240 });
  host = resources.use(
    await startTestServer(({ path }, response) => {
      const respond = responses.get(path.replace(/\?.*/, ''));
      if (respond) respond(response);
      else servesPng(response);
    }),
  );
  vendor = resources.use(
    await startTestServer((_request, response) =>
      sendJson(response, 200, { created: 1, data: [{ b64_json: png.toString('base64') }] }),
    ),
  );
  testData = resources.use(await openTestData());
  history = resources.use(await runHistory(testData, { ...upstreamAt(vendor.url), ...SETTINGS }, OFTEN));
});
afterAll(() => resources.disposeAsync());

const servesPng = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/plain' }).end(png);
const respondsWith = (status: number) => (response: ServerResponse) => void response.writeHead(status).end();

const urlAt = (path: string): string => `${host.url}${path}?Signature=s-3cr3t`;
const fetchesOf = (path: string): number => host.requests.filter((received) => received.path.startsWith(path)).length;
/** The `image` of the last upstream request. */
const sent = (): unknown => (JSON.parse(vendor.requests.at(-1)?.body ?? '{}') as { image?: unknown }).image;

/** Creates a generation with these inputs; returns its id. */
async function edit(image: unknown, base: string = history.url, headers = {}): Promise<string> {
  const response = await generate(base, { ...request, image }, { ...ADMIN, ...headers });
  expect(response.status).toBeLessThan(300);
  return response.headers.get('x-generation-id') ?? '';
}

const recordOf = async (id: string, base: string = history.url, query = ''): Promise<GenerationRecord> =>
  (await get<GenerationRecord>(base, `/v1/generations/${id}${query}`, ADMIN)).body;

/** Polls the inputs until all have the expected state; returns them. */
async function inputsThatAre(
  state: InputImageRecord['state'],
  id: string,
  base: string = history.url,
): Promise<readonly InputImageRecord[]> {
  await eventually(async () => {
    const { input_images: inputs } = await recordOf(id, base);
    expect(new Set(inputs.map((input) => input.state))).toEqual(new Set([state]));
  });
  return (await recordOf(id, base)).input_images;
}

const archived = async (id: string): Promise<InputImageRecord> =>
  (await inputsThatAre('stored', id))[0] as InputImageRecord;

/** Makes the next attempt for a generation's inputs due, after this many attempts; returns the delay in seconds it would have had. */
async function tryNow(id: string, tries: number | null = null): Promise<number> {
  const client = new pg.Client({ connectionString: testData.environment['DATABASE_URL'] });
  await client.connect();
  try {
    const { rows } = await client.query<{ seconds: number }>(
      `with before as (select extract(epoch from try_at - now())::int as seconds from generation_image
         where generation_id = $1 and role = 'input'),
       changed as (update generation_image set try_at = now(), tries = coalesce($2::int, tries)
         where generation_id = $1 and role = 'input')
       select seconds from before`,
      [id, tries],
    );
    return rows[0]?.seconds ?? 0;
  } finally {
    await client.end();
  }
}

describe('an input given as a URL', () => {
  test('is stored in the background next to its URL, which no log contains', async () => {
    const id = await edit(urlAt('/kept'));
    expect(sent()).toBe(urlAt('/kept'));
    const input = await archived(id);
    const measured = { width: 320, height: 240, mime_type: 'image/png' };
    expect(input).toMatchObject({ kind: 'url', url: urlAt('/kept'), from_image: null, ...measured });
    expect(input.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await recordOf(id)).request['image']).toBe(urlAt('/kept'));
    const copy = await fetchChecked(input.archived_url ?? '');
    expect(Buffer.from(await copy.arrayBuffer()).equals(png)).toBe(true);
    expect(await imageAt(`${input.archived_url}&width=160`)).toBe('jpeg 160x120');
    expect(fetchesOf('/kept')).toBe(1);
    expect(host.requests.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(history.logs.join('')).not.toContain('3cr3t');
  });

  test('can be reused when its original is gone', async () => {
    const { archived_url: url } = await archived(await edit(urlAt('/gone')));
    responses.set('/gone', respondsWith(404));
    const again = await archived(await edit(url));
    expect(again).toMatchObject({ kind: 'stored', width: 320, archived_url: null });
    expect(again.from_image).toMatch(/-input-0$/);
    expect(sent()).toBe(`data:image/png;base64,${png.toString('base64')}`);
  });

  test('is visible to its project alone', async () => {
    const { archived_url: url } = await archived(await edit(urlAt('/own')));
    const unsigned = (url ?? '').replace(/\?.*/, '');
    const { key } = await createKey(history.url, { project_id: (await createProject(history.url, 'other')).id });
    const statuses = [{}, bearer(key), ADMIN].map(
      async (headers) => (await fetchChecked(unsigned, { headers })).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 404, 200]);
  });

  test('is also stored for a queued generation, which sends the URL upstream', async () => {
    const id = await edit(urlAt('/queued'), history.url, { prefer: 'respond-async' });
    await archived(id);
    expect((await recordOf(id, history.url, '?wait=20')).state).toBe('succeeded');
    expect(sent()).toBe(urlAt('/queued'));
  });
});

describe('an input that cannot be fetched', () => {
  test('is retried after five minutes', async () => {
    responses.set('/later', respondsWith(503));
    const id = await edit(urlAt('/later'));
    await eventually(() => expect(fetchesOf('/later')).toBe(1));
    const [input] = await inputsThatAre('pending', id);
    expect(input).toMatchObject({ url: urlAt('/later'), archived_url: null, sha256: null });
    expect((await fetchChecked(`${history.url}/images/${id}-input-0`, { headers: ADMIN })).status).toBe(404);
    responses.delete('/later');
    expect(await tryNow(id)).toBeGreaterThan(240);
    await archived(id);
    expect(fetchesOf('/later')).toBe(2);
  });

  test('is lost after six attempts, and its generation is unchanged', async () => {
    responses.set('/never', respondsWith(503));
    const id = await edit(urlAt('/never'));
    for (let tries = 1; tries <= 6; tries++) {
      await eventually(() => expect(fetchesOf('/never')).toBe(tries));
      if (tries < 6) await tryNow(id);
    }
    const [input] = await inputsThatAre('lost', id);
    expect(input).toMatchObject({ kind: 'url', url: urlAt('/never'), archived_url: null });
    expect(await recordOf(id)).toMatchObject({ state: 'succeeded', outcome: 'billed', error: null });
    expect(history.logs.join('')).toContain('no more attempts');
    expect(history.logs.join('')).not.toContain('3cr3t');
  });

  test('is one line of the log, which says why, without a stack', async () => {
    responses.set('/missing', respondsWith(404));
    const id = await edit(urlAt('/missing'));
    const ofImage = (): object[] =>
      history.logs
        .map((line) => JSON.parse(line) as { readonly image_id?: string; readonly err?: object })
        .filter(({ image_id, err }) => image_id === `${id}-input-0` && err !== undefined);
    await expect.poll(ofImage).toHaveLength(1);
    const message = expect.stringContaining('404') as string;
    expect(ofImage()).toMatchObject([{ msg: 'an input image could not be archived yet' }]);
    expect(ofImage()[0]).toHaveProperty('err', {
      type: 'WanImageError',
      message,
      kind: 'download_failed',
      status: 404,
    });
  });

  test('is also lost if the process died during the last attempt', async () => {
    responses.set('/dead', respondsWith(503));
    const id = await edit(urlAt('/dead'));
    await eventually(() => expect(fetchesOf('/dead')).toBe(1));
    await tryNow(id, 6);
    await inputsThatAre('lost', id);
    expect(fetchesOf('/dead')).toBe(1);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['is no image', (response) => void response.writeHead(200).end('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['is over 20 MB', (response) => void response.writeHead(200).end(Buffer.concat([png, Buffer.alloc(20 << 20)]))],
    ['is refused', respondsWith(403)],
  ])('is lost at once if it %s', async (name, response) => {
    const path = `/${name.replaceAll(' ', '-')}`;
    responses.set(path, response);
    await inputsThatAre('lost', await edit(urlAt(path)));
    expect(fetchesOf(path)).toBe(1);
  });
});

describe('without', () => {
  test('ARCHIVE_PRIVATE_HOSTS no private host is requested, not even the upstream', async () => {
    await using own = await openTestData();
    await using guarded = await runHistory(
      own,
      { ...upstreamAt(vendor.url), ...SETTINGS, ARCHIVE_PRIVATE_HOSTS: 'false' },
      OFTEN,
    );
    const before = vendor.requests.length;
    const urls = [urlAt('/private'), `${vendor.url}/in.png`, 'http://169.254.169.254/latest', 'http://[::1]/in.png'];
    await inputsThatAre('lost', await edit(urls, guarded.url), guarded.url);
    expect(guarded.logs.join('')).toContain('is not on the public internet');
    expect(fetchesOf('/private')).toBe(0);
    expect(vendor.requests.slice(before).map(({ method }) => method)).toEqual(['POST']);
  });

  test('ARCHIVE_INPUTS nothing is fetched', async () => {
    await using own = await openTestData();
    await using off = await runHistory(own, { ...upstreamAt(vendor.url), ...SETTINGS, ARCHIVE_INPUTS: 'false' }, OFTEN);
    const [input] = await inputsThatAre(null, await edit(urlAt('/off'), off.url), off.url);
    expect(input).toMatchObject({ kind: 'url', url: urlAt('/off'), archived_url: null });
    expect(fetchesOf('/off')).toBe(0);
  });
});

test('replicas never fetch the same input, and shutdown aborts a hanging fetch', async () => {
  const paths = Array.from({ length: 9 }, (_, index) => `/hangs-${index}`);
  for (const path of paths) responses.set(path, () => undefined);
  const other = await runHistory(testData, { ...upstreamAt(vendor.url), ...SETTINGS }, OFTEN);
  const id = await edit(paths.map(urlAt), other.url);
  await eventually(() => expect(fetchesOf('/hangs')).toBe(9));
  await other.close();
  expect(paths.map(fetchesOf)).toEqual(paths.map(() => 1));
  await inputsThatAre('pending', id);
});
