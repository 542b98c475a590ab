import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { createClient, createHistoryClient } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { failureOf } from '@wan-image/testing/failures';
import { imageAt } from './support/images.ts';
import { startInTerminal, startService, startSimulatorProcess } from './support/service.ts';
import { simulatorCalls } from './support/simulator-calls.ts';

/** Runs a line in a shell. */
async function runLine(line: string): Promise<{ created: number; data: { url: string }[] }> {
  const { stdout } = await promisify(execFile)('bash', ['-c', line]);
  return JSON.parse(stdout) as { created: number; data: { url: string }[] };
}

describe('the service as it starts', () => {
  test("ends its output with the vendor's example, which works as pasted; kill -9 loses nothing", async () => {
    await using folder = await temporaryFolder();
    const environment = { DATA_DIR: folder.path, PORT: '0' };
    let id: string;
    {
      await using service = await startService(environment);
      const line = service.output().trimEnd().split('\n').at(-1) ?? '';
      expect(line).toMatch(/^curl /);
      expect(line).toContain('https://example.com/input.jpg');
      expect(service.output()).toContain('SIMULATED');
      expect(service.output().startsWith('Setting up the embedded database (once, about 15 s) …\n')).toBe(true);
      expect(service.output()).toContain(
        [`  Open   ${service.url}/`, `  Docs   ${service.url}/docs`, `  Data   ${folder.path}`, '  Stop   Ctrl+C'].join(
          '\n',
        ),
      );
      const response = await runLine(line);
      expect(await imageAt(response.data[0]?.url ?? '')).toBe('png 2048x2048');
      id = /images\/(.+)-0\?/.exec(response.data[0]?.url ?? '')?.[1] ?? '';
      await service.kill('SIGKILL');
    }
    await using service = await startService(environment);
    expect(service.output()).not.toContain('Setting up');
    const history = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    expect((await history.page()).data.map((record) => record.id)).toEqual([id]);
    const record = await history.get(id);
    // The example's image does not exist, so nothing tries to archive it.
    expect(record.input_images).toMatchObject([{ kind: 'url', url: 'https://example.com/input.jpg', state: null }]);
    expect(record).toMatchObject({ state: 'succeeded', outcome: 'billed', images: [{ width: 2048, height: 2048 }] });
    expect(await imageAt(record.images[0]?.url ?? '')).toBe('png 2048x2048');
  });

  test('killed during a generation, it records the outcome as unknown and does not send it again', async () => {
    await using folder = await temporaryFolder();
    await using simulator = await startSimulatorProcess(['--port', '0', '--latency', '0']);
    const environment = { DATA_DIR: folder.path, PORT: '0', UPSTREAM_BASE_URL: simulator.url, UPSTREAM_API_KEY: 'k' };
    const calls = async (): Promise<number> => (await simulatorCalls(simulator.url)).totals.calls;
    {
      await using service = await startService(environment);
      const client = createClient({ baseUrl: service.url, apiKey: 'none' });
      const interrupted = failureOf(client.generate({ model: 'wan2.7-image', prompt: '断 [[simulate delay=60000]]' }));
      await eventually(async () => expect(await calls()).toBe(1));
      await service.kill('SIGKILL');
      expect(await interrupted).toMatchObject({ kind: 'connection_lost', outcome: 'unknown' });
    }
    await using service = await startService(environment);
    const { data } = await createHistoryClient({ baseUrl: service.url, apiKey: 'none' }).page();
    expect(data).toMatchObject([{ state: 'failed', outcome: 'unknown', error: { code: 'interrupted' } }]);
    expect(await calls()).toBe(1);
  });

  test('on SIGTERM generations in flight end first', async () => {
    await using folder = await temporaryFolder();
    await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
    const client = createClient({ baseUrl: service.url, apiKey: 'none' });
    const generating = client.generate({ model: 'wan2.7-image', prompt: '慢 [[simulate delay=1500]]', size: '1K' });
    const history = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    await eventually(async () => expect((await history.page()).data).toMatchObject([{ state: 'running' }]));
    const code = service.kill('SIGTERM');
    expect((await generating).images).toHaveLength(1);
    expect(await code).toBe(0);
  });

  test('on SIGTERM it does not wait for a request whose body never ends', async () => {
    await using folder = await temporaryFolder();
    await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `POST /v1/images/generations HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await once(socket, 'connect');
    await (await fetch(`${service.url}/healthz`)).text();
    expect(await service.kill('SIGTERM')).toBe(0);
    socket.destroy();
  });

  test('it reports all invalid settings together and does not start', async () => {
    const started = startService({ HOST: '0.0.0.0', PORT: 'eighty', UPSTREAM_BASE_URL: 'http://127.0.0.1:1' });
    await expect(started).rejects.toThrow(/PORT must be[\s\S]*UPSTREAM_API_KEY[\s\S]*ADMIN_API_KEY/);
  });

  test('a second process on the same data folder refuses to start', async () => {
    await using folder = await temporaryFolder();
    await using _first = await startService({ DATA_DIR: folder.path, PORT: '0' });
    await expect(startService({ DATA_DIR: folder.path, PORT: '0' })).rejects.toThrow(
      /cannot start\. \S+ is in use by another[^\n]*\n$/,
    );
  });

  test('a failed start names the setting and the remedy, without a stack', async () => {
    await using folder = await temporaryFolder();
    await using first = await startService({ DATA_DIR: join(folder.path, 'a'), PORT: '0' });
    const { port } = new URL(first.url);
    const other = { DATA_DIR: join(folder.path, 'b'), LOG_LEVEL: 'silent' };
    await expect(startService({ ...other, PORT: port })).rejects.toThrow(
      /PORT \d+ on 127\.0\.0\.1 is in use\. [^\n]*\n$/,
    );
    await expect(
      startService({ ...other, PORT: '0', DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/x' }),
    ).rejects.toThrow(/Cannot connect to the database at DATABASE_URL \((?!.*hunter2)[^\n]*\n$/);
    await expect(startService({ ...other, PORT: '0', DATA_DIR: '/dev/null' })).rejects.toThrow(
      /DATA_DIR or STORAGE_URL[^\n]*\n$/,
    );
  });

  test('names its version in its first line, in /healthz, in the documentation and in a header', async () => {
    const read = async (path: string): Promise<object> =>
      JSON.parse(await readFile(join(import.meta.dirname, '../apps/history', path), 'utf8')) as object;
    const { version } = (await read('package.json')) as { readonly version: string };
    const { commit } = (await read('dist/commit.json')) as { readonly commit: string | null };
    const both = commit === null ? version : `${version}+${commit}`;
    await using folder = await temporaryFolder();
    await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
    expect(service.output()).toContain(`wan-image history listens on ${service.url} (version ${both})\n`);
    const health = await fetch(`${service.url}/healthz`);
    expect(await health.json()).toEqual({ status: 'ok', version, commit });
    expect(health.headers.get('wan-image-history')).toBe(version);
    expect(await (await fetch(`${service.url}/openapi.json`)).json()).toMatchObject({ info: { version: both } });
  });

  test.skipIf(process.platform !== 'linux')(
    'in a terminal it greets as without keys, and its log is for people',
    async () => {
      await using folder = await temporaryFolder();
      const environment = { DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: 'admin-secret-of-e2e' };
      await using service = await startInTerminal(environment);
      await eventually(() =>
        expect(service.output()).toMatch(/Setting up the embedded database[^]*Stop {3}Ctrl\+C[^]*Bearer <your key>/),
      );
      expect((await fetch(`${service.url}/v1/generations/sk-secret-12345`)).status).toBe(401);
      await eventually(() =>
        expect(stripVTControlCharacters(service.output())).toMatch(
          /^\[\d\d:\d\d:\d\d\] INFO: request completed .*"status":401/m,
        ),
      );
      expect(service.output()).not.toMatch(/"level":|sk-secret-12345|admin-secret-of-e2e/);
    },
  );

  test.each([401, 403])('tells of an upstream key that is refused with %i when it starts', async (status) => {
    await using folder = await temporaryFolder();
    await using upstream = await startTestServer((_request, response) => sendJson(response, status, {}));
    await using service = await startService({
      DATA_DIR: folder.path,
      PORT: '0',
      UPSTREAM_BASE_URL: upstream.url,
      UPSTREAM_API_KEY: 'sk-wrong-key-1',
    });
    await eventually(() => expect(service.output()).toContain(`does not accept UPSTREAM_API_KEY (${status} on GET`));
    expect(service.output()).not.toContain('sk-wrong-key-1');
    expect(upstream.requests.map(({ method, path }) => [method, path])).toEqual([['GET', '/v1/models']]);
  });

  test('with an admin key its output is a log, with its address and not the key', async () => {
    await using folder = await temporaryFolder();
    await using service = await startService({
      DATA_DIR: folder.path,
      PORT: '0',
      ADMIN_API_KEY: 'admin-secret-of-e2e',
    });
    expect((await fetch(`${service.url}/v1/models`)).status).toBe(401);
    expect(
      (await fetch(`${service.url}/v1/models`, { headers: { authorization: 'Bearer admin-secret-of-e2e' } })).status,
    ).toBe(200);
    expect(service.output()).not.toContain('admin-secret-of-e2e');
    const lines = service.output().trimEnd().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first?.['msg']).toBe('Setting up the embedded database (once, about 15 s) …');
    expect(second).toMatchObject({ database: 'pglite', msg: `wan-image history listens on ${service.url}` });
    expect(Object.keys(second ?? {})).toEqual(expect.arrayContaining(['version', 'commit']));
  });
});

describe('the largest requests that the contract allows', () => {
  test('a set of twelve, an edit of nine images and a 4K image are in the history with their real sizes', async () => {
    await using folder = await temporaryFolder();
    await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
    const client = createClient({ baseUrl: service.url, apiKey: 'none' });
    const history = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    const sizesOf = async (id: string | null): Promise<(string | null)[]> =>
      (await history.get(id ?? '')).images.map(({ width, height }) => `${width}x${height}`);

    const set = await client.generate({
      model: 'wan2.7-image-pro',
      prompt: '一只猫的十二个月 [[simulate partial=12]]',
      enable_sequential: true,
    });
    expect(await sizesOf(set.generationId)).toEqual(Array.from({ length: 12 }, () => '2048x2048'));

    const own = (await history.get(set.generationId ?? '')).images;
    const bytes = await Promise.all(
      own.slice(0, 4).map(async ({ url }) => Buffer.from(await (await fetch(url ?? '')).arrayBuffer())),
    );
    const dataUris = bytes.map((png) => `data:image/png;base64,${png.toString('base64')}`);
    const image = [...dataUris, ...own.slice(4, 8).map(({ url }) => url ?? ''), 'https://example.com/9.jpg'];
    const edit = await client.generate({
      model: 'wan2.7-image',
      prompt: '把图1到图9拼在一起',
      image,
      size: '1280x720',
    });
    expect(await sizesOf(edit.generationId)).toEqual(['1280x720']);
    const { input_images } = await history.get(edit.generationId ?? '');
    expect(input_images.map(({ kind }) => kind)).toEqual([...Array<string>(8).fill('stored'), 'url']);
    expect(input_images.map(({ from_image }) => from_image)).toEqual([
      ...Array<null>(4).fill(null),
      ...own.slice(4, 8).map(({ id }) => id),
      null,
    ]);
    expect(input_images[0]?.sha256).toBe(own[0]?.sha256);

    const large = await client.generate({
      model: 'wan2.7-image-pro',
      prompt: '山河',
      size: '4K',
      response_format: 'b64_json',
    });
    expect(await sizesOf(large.generationId)).toEqual(['4096x4096']);
  });
});
