import { createServer, type AddressInfo } from 'node:net';
import { dataUri } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { fails, NO_CREDIT, startVendor, type Respond } from '../support/n8n/vendor.ts';
import {
  allTextOf,
  API_KEY,
  editOf,
  errorOf,
  NODE,
  startQuickSimulator,
  urlRow,
  workbench,
} from '../support/n8n/wan-image.ts';
import type { JsonObject } from '../support/n8n/types.ts';

/** Each error says what failed, whether it was billed and what to do. */

const { run } = workbench();

const uri = await dataUri({ format: 'png', width: 300, height: 300 });
/** An edit, so that the request has a data URI and a signed URL that an error could leak. */
const EDIT = editOf([urlRow(uri), urlRow('https://example.com/a.png?Signature=hush-hush')], { output: 'url' });
const NO_RETRIES = { options: { maximumRetries: 0 } };

const says = (message: string, code: string | null = null): JsonObject => ({ message, type: 'vendor_error', code });
const raw =
  (status: number, body: string, type = 'text/html'): Respond =>
  (response) =>
    void response.writeHead(status, { 'content-type': type, 'x-request-id': 'request-9' }).end(body);

describe('a response', () => {
  const NOT_BILLED = /Nothing was billed/;
  const UNKNOWN = /It may have been billed|before you run this again/;

  test.each<[string, Respond, string | null, RegExp, RegExp]>([
    ['401', fails(401, says('Invalid token', 'invalid_api_key')), '401', /Invalid token.*API key/, NOT_BILLED],
    ['402', fails(402, says('Pay first')), '402', /Pay first.*add credit/, NOT_BILLED],
    ['insufficient_user_quota under 403', fails(403, NO_CREDIT), '403', /quota is not enough.*add credit/, NOT_BILLED],
    ['403', fails(403, says('Not for you')), '403', /Not for you/, NOT_BILLED],
    ['400', fails(400, says('size is wrong', 'InvalidParameter')), '400', /size is wrong/, NOT_BILLED],
    [
      'a refusal by moderation',
      fails(400, says('no', 'data_inspection_failed')),
      '400',
      /Moderation refused/,
      NOT_BILLED,
    ],
    ['500', fails(500, says('Broke')), '500', /Broke/, UNKNOWN],
    ['a text as the error', fails(503, 'Busy', { 'x-request-id': 'request-9' }), '503', /Busy/, UNKNOWN],
    [
      'an HTML page',
      raw(502, `<html><title>502 Bad Gateway</title>${'x'.repeat(9_000)}</html>`),
      '502',
      /A web page instead of JSON \(502 Bad Gateway\)/,
      UNKNOWN,
    ],
    ['an empty body', raw(500, ''), '500', /HTTP 500 with an empty body/, UNKNOWN],
    ['an error under 200', raw(200, '{"error":{"message":"Strange","code":"odd"}}'), '200', /Strange/, UNKNOWN],
    [
      'a refusal under 200',
      raw(200, '{"error":{"message":"Bad size","code":"InvalidParameter"}}'),
      '200',
      /Bad size/,
      NOT_BILLED,
    ],
  ])(
    '%s is an error of n8n with the message of the service and a remedy',
    async (_name, response, httpCode, message, remedy) => {
      await using vendor = await startVendor({ generate: () => response });
      const error = errorOf(await run(vendor, EDIT));
      expect(error).toMatchObject({ name: 'NodeApiError', httpCode, context: { itemIndex: 0 }, node: { name: NODE } });
      expect(error.message).toMatch(message);
      expect(`${error.message} ${error.description}`).toMatch(remedy);
      expect(error.message.length + (error.description ?? '').length).toBeLessThan(700);
      expect(vendor.posts).toHaveLength(1);
      for (const secret of [API_KEY, uri.slice(30, 90), 'hush-hush', 'base64,'])
        expect(allTextOf(error)).not.toContain(secret);
    },
  );

  test('has the request id, by which its billing can be found', async () => {
    await using vendor = await startVendor({ generate: () => raw(500, '') });
    expect(errorOf(await run(vendor)).description).toContain('Request ID: request-9.');
  });

  test('that quotes the API key does not reveal it', async () => {
    await using vendor = await startVendor({ generate: () => fails(401, says(`Invalid token ${API_KEY}`)) });
    expect(allTextOf(errorOf(await run(vendor)))).not.toContain(API_KEY);
  });
});

describe('too many requests (429)', () => {
  test('are retried after the time that the service requests', async () => {
    await using simulator = await startQuickSimulator();
    const prompt = '花 [[simulate status=429 code=Throttling.RateQuota retry-after=0 times=2]]';
    const ran = await run(simulator, { prompt, size: '1K' });
    expect(ran.error?.message).toBeUndefined();
    expect(simulator.calls.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(new Set(simulator.calls.map(({ idempotency_key }) => idempotency_key)).size).toBe(1);
    expect(simulator.totals.billed_images).toBe(1);
  });

  test('are retried as often as Maximum Retries allows', async () => {
    await using simulator = await startQuickSimulator();
    const prompt = '花 [[simulate status=429 code=Throttling.RateQuota retry-after=0]]';
    const error = errorOf(await run(simulator, { prompt, options: { maximumRetries: 2 } }));
    expect(simulator.calls).toHaveLength(3);
    expect(error).toMatchObject({ name: 'NodeApiError', httpCode: '429', context: { itemIndex: 0 } });
    expect(error.description).toContain('Nothing was billed');
    expect(error.description).toContain('Concurrency');
    expect(simulator.totals.billed_images).toBe(0);
  });

  test('are not retried with Maximum Retries 0', async () => {
    await using simulator = await startQuickSimulator();
    await run(simulator, { prompt: '花 [[simulate status=429 retry-after=0]]', ...NO_RETRIES });
    expect(simulator.calls).toHaveLength(1);
  });
});

describe('a connection', () => {
  test('that is refused is not billed, and retried', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const error = errorOf(await run({ url: `http://127.0.0.1:${port}` }, { options: { maximumRetries: 1 } }));
    expect(error.errorResponse).toMatchObject({ attempts: 2, outcome: 'not_billed' });
    expect(error.message).toContain(`127.0.0.1:${port}: No connection could be made (ECONNREFUSED)`);
    expect(error.description).toContain('Nothing was billed. Nothing listens there.');
    expect(error.context?.['itemIndex']).toBe(0);
  });

  test('to an unknown host name is not billed', async () => {
    const error = errorOf(await run({ url: 'http://nobody.invalid' }, NO_RETRIES));
    expect(error.description).toContain('Nothing was billed');
  });

  test.each([
    ['before a response', 'cut=0'],
    ['in the middle of the response', 'cut=0.5'],
  ])('that breaks %s is sent once, and may have been billed', async (_when, fault) => {
    await using simulator = await startQuickSimulator();
    const error = errorOf(await run(simulator, { prompt: `花 [[simulate ${fault}]]`, size: '1K' }));
    expect(simulator.calls).toHaveLength(1);
    expect(error.message).toContain('It may have been billed: check before you try again');
    expect(error.description).toContain('before you run this again');
    expect(error.context?.['itemIndex']).toBe(0);
    // n8n's own message for ECONNRESET.
    expect(allTextOf(error)).not.toMatch(/retry the request immediately/i);
    expect(error.name).toBe('NodeApiError');
  });
});

describe('the timeout', () => {
  test('ends a request that the service never responds to, with an unknown outcome', async () => {
    await using vendor = await startVendor({ generate: () => () => undefined });
    const error = errorOf(await run(vendor, { options: { timeout: 1 } }));
    expect(error.errorResponse).toMatchObject({ kind: 'timed_out', outcome: 'unknown' });
    expect(error.message).toContain('The request timed out after 1 s');
    expect(error.message).toContain('It may have been billed');
    expect(error.description).toContain('The service may still have generated the images');
    expect(error.description).toContain('Timeout option');
    expect(vendor.posts).toHaveLength(1);
  });

  test('does not affect a response within it', async () => {
    await using simulator = await startQuickSimulator();
    const ran = await run(simulator, { prompt: '花 [[simulate delay=600]]', size: '1K', options: { timeout: 60 } });
    expect(ran.error?.message).toBeUndefined();
  });
});

describe('an invalid value is refused with the name of its field, and nothing is sent:', () => {
  test.each<[string, JsonObject, RegExp]>([
    ['an unknown model', { model: { __rl: true, mode: 'id', value: 'dall-e-3' } }, /^Model .*wan2.7-image/],
    ['an empty prompt of an expression', { prompt: '={{ "" }}' }, /^Prompt /],
    ['a prompt that is too long', { prompt: '花'.repeat(5001) }, /^Prompt .*5000/],
    ['five images', { numberOfImages: 5 }, /^Number of Images /],
    ['thirteen images in a set', { imageSet: true, maximumImages: 13 }, /^Maximum Images /],
    ['half an image', { numberOfImages: 1.5 }, /^Number of Images /],
    [
      '4K with the smaller model',
      { model: { __rl: true, mode: 'id', value: 'wan2.7-image' }, size: '4K' },
      /^Size .*pro/,
    ],
    ['4K in a set', { imageSet: true, size: '4K' }, /^Size /],
    ['too small a size', { size: 'custom', width: 100, height: 100 }, /^Size .*make it larger/],
    ['a size without a width', { size: 'custom', width: '={{ "" }}', height: 720 }, /^(Size|Width): (?!.*undefined)/],
    ['a seed below 0', { options: { seed: -1 } }, /^Seed /],
    ['a word for a boolean', { thinkingMode: '={{ "perhaps" }}' }, /^Thinking Mode /],
    [
      'additional parameters that are not JSON',
      { options: { additionalParameters: '{a' } },
      /^Additional Parameters: /,
    ],
    ['additional parameters that are a list', { options: { additionalParameters: '[1]' } }, /^Additional Parameters: /],
    [
      'a field of the node among the additional parameters',
      { options: { additionalParameters: '{"n": 4}' } },
      /^Additional Parameters: /,
    ],
    ['a timeout of 0', { options: { timeout: 0 } }, /^Timeout \(Seconds\): /],
    ['a hundred retries', { options: { maximumRetries: 100 } }, /^Maximum Retries: /],
    ['a concurrency of 0', { options: { concurrency: 0 } }, /^Concurrency: /],
  ])('%s', async (_name, parameters, message) => {
    await using vendor = await startVendor();
    const error = errorOf(await run(vendor, parameters));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ name: 'NodeOperationError', context: { itemIndex: 0 } });
    expect(error.description).toContain('Nothing was sent, so nothing was billed');
    expect(vendor.posts).toEqual([]);
  });
});
