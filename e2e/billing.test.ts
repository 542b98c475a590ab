import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createFalClient } from '@fal-ai/client';
import { createClient, isWanImageError, type ErrorKind, type WanImageError } from '@wan-image/core';
import { failureOf } from '@wan-image/testing/failures';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { generateImage } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { busy, FAILURES, type FailureName } from './support/billing-server.ts';

/**
 * How often one call is sent when something fails, by this client and by other common ones, each with its defaults. Every request that
 * arrives may be billed. The test prints a table at the end.
 */
const prompt = '一间花店';
const model = 'wan2.7-image';

const CLIENTS = { 'wan-image': askWanImage, openai: askOpenAI, 'ai sdk': askAiSdk, fal: askFal } as const;
type ClientName = keyof typeof CLIENTS;
const clientNames = Object.keys(CLIENTS) as ClientName[];
const otherNames = clientNames.filter((name) => name !== 'wan-image');

function askWanImage(url: string, timeoutMs?: number): Promise<unknown> {
  const client = createClient({ baseUrl: url, apiKey: 'k', ...(timeoutMs !== undefined && { timeoutMs }) });
  return client.generate({ model, prompt });
}

function askOpenAI(url: string, timeout?: number): Promise<unknown> {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', ...(timeout !== undefined && { timeout }) });
  return openai.images.generate({ model, prompt });
}

function askAiSdk(url: string, limitMs?: number): Promise<unknown> {
  const provider = createOpenAICompatible({ name: 'wan', apiKey: 'k', baseURL: `${url}/v1` });
  return generateImage({ model: provider.imageModel(model), prompt, n: 1, ...limitedBy(limitMs) });
}

function askFal(url: string, limitMs?: number): Promise<unknown> {
  const fal = createFalClient({
    credentials: 'id:secret',
    requestMiddleware: async (request) => ({ ...request, url: request.url.replace('https://fal.run', url) }),
  });
  return fal.run('fal-ai/wan', { input: { prompt }, ...limitedBy(limitMs) });
}

/** Neither of these two has its own timeout. */
function limitedBy(limitMs: number | undefined): { readonly abortSignal?: AbortSignal } {
  return limitMs === undefined ? {} : { abortSignal: AbortSignal.timeout(limitMs) };
}

interface Cell {
  readonly failure: FailureName;
  readonly client: ClientName;
  readonly posts: number;
  /** What the call threw; null when it succeeded. */
  readonly error: unknown;
}

const failureNames = Object.keys(FAILURES) as FailureName[];
const neverEnds = new Set<FailureName>(['hang', 'stalled body']);
let cells: Cell[] = [];

/** All at the same time: the other clients sleep for seconds before they retry. */
beforeAll(async () => {
  const pairs = failureNames.flatMap((failure) => clientNames.map((client) => [failure, client] as const));
  cells = await Promise.all(pairs.map(([failure, client]) => measure(failure, client)));
});

async function measure(failure: FailureName, client: ClientName): Promise<Cell> {
  await using server = await startTestServer((_request, response) => FAILURES[failure](response));
  // Some clients take a failure for a success: then there is no error.
  const error: unknown = await CLIENTS[client](server.url, neverEnds.has(failure) ? 1000 : undefined).then(
    () => null,
    (cause: unknown) => cause,
  );
  return { failure, client, posts: server.requests.filter(({ method }) => method === 'POST').length, error };
}

function cell(failure: FailureName, client: ClientName): Cell {
  const found = cells.find((one) => one.failure === failure && one.client === client);
  if (!found) throw new Error(`${client} was not measured with ${failure}`);
  return found;
}

afterAll(() => {
  const row = (words: readonly (string | number)[]): string => words.map((word) => String(word).padEnd(14)).join('');
  const rows = failureNames.map((failure) => row([failure, ...clientNames.map((name) => cell(failure, name).posts)]));
  const title = 'POSTs that reached the server for one call';
  process.stdout.write(`\n${[title, row(['', ...clientNames]), ...rows].join('\n')}\n`);
});

describe('this client', () => {
  test.each<[FailureName, ErrorKind]>([
    ['408', 'server_failed'],
    ['409', 'server_failed'],
    ['500', 'server_failed'],
    ['503', 'server_failed'],
    ['reset', 'connection_lost'],
    ['truncated 200', 'connection_lost'],
    ['bad JSON 200', 'unreadable_response'],
    ['empty 200', 'unreadable_response'],
    ['hang', 'timed_out'],
    ['stalled body', 'timed_out'],
  ])('sends once and reports that it may have been billed: %s', (failure, kind) => {
    const { posts, error } = cell(failure, 'wan-image');
    expect(wanImageError(error)).toMatchObject({ kind, outcome: 'unknown', attempts: 1, retryable: false });
    expect(posts).toBe(1);
  });

  test('retries what a rate limit refused, and reports that nothing was billed', () => {
    const { posts, error } = cell('429', 'wan-image');
    expect(wanImageError(error)).toMatchObject({ kind: 'rate_limited', outcome: 'not_billed', attempts: 4 });
    expect(posts).toBe(4);
  });

  test('is billed once when a rate limit refuses it twice', async () => {
    let billed = 0;
    await using server = await startTestServer((_request, response, count) => {
      if (count <= 2) return busy(response);
      billed++;
      sendJson(response, 200, { created: 1785312000, data: [{ url: 'https://example.com/1.png' }] });
    });
    const { attempts, images } = await createClient({ baseUrl: server.url, apiKey: 'k' }).generate({ model, prompt });
    expect({ attempts, images: images.length, billed }).toEqual({ attempts: 3, images: 1, billed: 1 });
  });

  test('retries when the connection is refused, and reports that nothing was billed', async () => {
    const retry = { baseDelayMs: 1, maxDelayMs: 5 };
    const client = createClient({ baseUrl: await closedAddress(), apiKey: 'k', retry });
    const error = await failureOf(client.generate({ model, prompt }));
    expect(wanImageError(error)).toMatchObject({ kind: 'connection_failed', outcome: 'not_billed', attempts: 4 });
  });
});

/** An address at which no server listens any more. */
async function closedAddress(): Promise<string> {
  await using server = await startTestServer(() => undefined);
  return server.url;
}

function wanImageError(error: unknown): WanImageError {
  if (isWanImageError(error)) return error;
  throw new Error('The call threw no WanImageError', { cause: error });
}

/** Their exact numbers may change with any version. These tests check that the comparison ran, and why this package exists. */
describe('the other clients', () => {
  test.each(failureNames)('reach the server: %s', (failure) => {
    const posts = otherNames.map((name) => [name, cell(failure, name).posts]);
    expect(posts.filter(([, count]) => count === 0)).toEqual([]);
  });

  test('retry what may have been billed', () => {
    expect(Math.max(...otherNames.map((name) => cell('reset', name).posts))).toBeGreaterThan(1);
  });
});
