import type { INodeExecutionData } from 'n8n-workflow';
import { describe, expect, test } from 'vitest';
import { n8nClock } from '../nodes/WanImage/host/n8n-clock.ts';
import { images, IMAGE_URL, run, type Sent, type Setting } from './support/run.mts';

const posts = ({ sent }: { readonly sent: readonly Sent[] }): number =>
  sent.filter(({ method }) => method === 'POST').length;

const THREE: Setting = {
  input: [{ json: {} }, { json: {} }, { json: {} }],
  ofItems: [{ prompt: 'one' }, { prompt: 'two' }, { prompt: 'three' }],
};

const failsFor =
  (prompt: string, status: number) =>
  (sent: Sent): ReturnType<typeof images> =>
    sent.body?.['prompt'] === prompt ? { status, body: '{"error":{"message":"No"}}' } : images(sent);

describe('when n8n retries the node', () => {
  test('what was generated is not generated again, and is a result', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {} };
    const first = await run({ ...tries, response: failsFor('three', 400) });
    expect([posts(first), first.items]).toEqual([3, []]);
    const second = await run(tries);
    expect(posts(second)).toBe(1);
    expect(second.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
    expect(second.items.every(({ binary }) => binary?.['data'] !== undefined)).toBe(true);
  });

  const history = { 'wan-image-history': '1.0.0' };
  const asHistory = (respond: (sent: Sent) => ReturnType<typeof images>) => (sent: Sent) => {
    const { headers, ...response } = sent.url.endsWith('/models')
      ? { headers: {}, body: '{"data":[]}' }
      : respond(sent);
    return { ...response, headers: { ...headers, ...history } };
  };

  test('a request that may have been billed is repeated under its key, to a history service', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {}, response: asHistory(images) };
    const first = await run({ ...tries, response: asHistory(failsFor('two', 500)) });
    const second = await run(tries);
    const keyOf = ({ headers }: Sent): string | undefined => headers['idempotency-key'];
    const again = second.sent.find(({ method }) => method === 'POST');
    expect(again && keyOf(again)).toBe(keyOf(first.sent.filter(({ method }) => method === 'POST')[1]!));
    expect(second.items).toHaveLength(3);
  });

  test('a history service whose first response never came is asked who it is, at no cost', async () => {
    const tries: Setting = { parameters: { prompt: '花' }, retryOnFail: true, execution: {} };
    const lost = asHistory((sent) => (sent.method === 'POST' ? { status: 502, body: '' } : images(sent)));
    const first = await run({
      ...tries,
      request: ({ method }) => (method === 'POST' ? Promise.reject(new Error('reset')) : undefined),
      response: lost,
    });
    expect(first.error?.message).toContain('It may have been billed');
    const second = await run({ ...tries, response: asHistory(images) });
    expect([posts(second), second.items.length]).toEqual([1, 1]);
  });

  test.each(['https://www.anyfast.com.cn', 'https://relay.example.com'])(
    'a request that %s may have billed is not repeated, and the error says so',
    async (baseUrl) => {
      const tries = { ...THREE, retryOnFail: true, execution: {}, baseUrl };
      await run({ ...tries, response: failsFor('two', 500) });
      for (let again = 0; again < 2; again++) {
        const { sent, error } = await run(tries);
        expect(sent.filter(({ method }) => method === 'POST')).toEqual([]);
        expect(error?.message).toContain('It may have been billed');
        expect(error?.message.match(/the request was not sent again/g)).toHaveLength(1);
      }
    },
  );

  test('the error tells how many requests went out in all tries', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {}, response: asHistory(failsFor('two', 500)) };
    await run(tries);
    const { error } = await run(tries);
    expect(error?.description).toContain('2 requests were sent in all.');
  });

  test('an image whose download failed is downloaded, not generated', async () => {
    const tries: Setting = { parameters: { prompt: '花' }, retryOnFail: true, execution: {} };
    const broken = (sent: Sent): ReturnType<typeof images> =>
      sent.method === 'GET' ? { status: 410, body: '' } : images(sent);
    const first = await run({ ...tries, response: broken });
    expect(first.error?.message).toContain('could not be downloaded');
    const second = await run(tries);
    expect([posts(second), second.items.length]).toEqual([0, 1]);
  });

  test.each([
    ['another execution', { retryOnFail: true, execution: {} }],
    ['a node without Retry On Fail', { execution: {} }],
  ])('%s sends every request', async (_name, more) => {
    await run({ ...THREE, retryOnFail: true, execution: {} });
    expect(posts(await run({ ...THREE, ...more }))).toBe(3);
  });
});

describe('when a person retries a failed execution', () => {
  const failed = failsFor('three', 400);

  /** What n8n stores with the first execution and gives to the second. */
  const stored = (execution: object): object => JSON.parse(JSON.stringify(execution)) as object;

  test.each(['both', 'url', 'binary'])(
    'what was generated is not generated again, and is a result (output %s)',
    async (output) => {
      const execution = {};
      const tries: Setting = { ...THREE, parameters: { output } };
      const first = await run({ ...tries, execution, executionId: '1', response: failed });
      expect(posts(first)).toBe(3);
      const second = await run({ ...tries, execution: stored(execution), executionId: '2' });
      expect(posts(second)).toBe(1);
      expect(second.items.map(({ json }) => json['request_id'])).toEqual(['req-1', 'req-1', 'req-1']);
      const ids = second.items.map(({ binary }) => binary?.['data']?.id);
      if (output !== 'url') expect(ids.every((id) => id?.startsWith('filesystem-v2:2/'))).toBe(true);
    },
  );

  test('an execution that fails again keeps the images of both', async () => {
    const execution = {};
    await run({ ...THREE, execution, executionId: '1', response: failsFor('two', 400) });
    const second = stored(execution);
    await run({ ...THREE, execution: second, executionId: '2', response: failed });
    const third = await run({ ...THREE, execution: stored(second), executionId: '3' });
    expect([posts(third), third.items.length]).toEqual([1, 3]);
  });

  test('a request that may have been billed has its first key, so a history service bills it once', async () => {
    const execution = {};
    const first = await run({ ...THREE, execution, executionId: '1', response: failsFor('two', 500) });
    const second = await run({ ...THREE, execution: stored(execution), executionId: '2' });
    const keys = (result: Pick<typeof first, 'sent'>): unknown[] =>
      result.sent.filter(({ method }) => method === 'POST').map(({ headers }) => headers['idempotency-key']);
    expect(keys(second)[0]).toBe(keys(first)[1]);
  });

  /** Of a run whose context data n8n has lost, because its process was killed. */
  const keysOf = async (setting: Setting): Promise<unknown[]> => {
    const { sent } = await run({ ...THREE, execution: {}, ...setting });
    return sent.filter(({ method }) => method === 'POST').map(({ headers }) => headers['idempotency-key']);
  };

  test('an execution whose n8n was killed has its first keys, however often', async () => {
    const first = await keysOf({ executionId: '1', resumeToken: 'a' });
    expect(await keysOf({ executionId: '2', resumeToken: 'a', retryOf: '1' })).toEqual(first);
    expect(await keysOf({ executionId: '3', resumeToken: 'a', retryOf: '2' })).toEqual(first);
    for (const key of await keysOf({ executionId: '4', resumeToken: 'b' })) expect(first).not.toContain(key);
  });

  /** A history service that refuses a key it knows for another request, in the words of the real one. */
  const knowsKeys = (): ((sent: Sent) => ReturnType<typeof images>) => {
    const bodies = new Map<string | undefined, string>();
    return (sent) => {
      const { 'idempotency-key': key } = sent.headers;
      const body = JSON.stringify(sent.body);
      const isOther = sent.method === 'POST' && (bodies.get(key) ?? body) !== body;
      if (sent.method === 'POST' && !isOther) bodies.set(key, body);
      const message =
        'This Idempotency-Key was used for another request within the last 24 hours. Give each new request a new key.';
      const error = { message, type: 'invalid_request_error', code: 'idempotency_key_reuse', param: 'Idempotency-Key' };
      const { headers, ...response } = isOther
        ? { status: 422, headers: {}, body: JSON.stringify({ error }) }
        : images(sent);
      return { ...response, headers: { ...headers, 'wan-image-history': '1.0.0' } };
    };
  };

  test('an execution whose n8n was killed and whose data differs now is not billed again, and says what to do', async () => {
    const response = knowsKeys();
    // The prompt of an earlier node that runs again, such as that of a language model.
    const tries = { response, resumeToken: 'a' };
    const first = await run({ ...tries, ofItems: [{ prompt: 'one' }], execution: {}, executionId: '1' });
    expect(first.items).toHaveLength(1);
    const again: Setting = { ...tries, ofItems: [{ prompt: 'other' }], executionId: '2', retryOf: '1' };
    const { error, items } = await run({ ...again, execution: {} });
    expect(items).toEqual([]);
    expect(error?.message).toBe(
      'An earlier try of this execution sent another request, which may have been billed. [item 0]',
    );
    expect(error?.description).toBe(
      'Look for it in your history. To send this one, start a new execution instead of Retry.',
    );
    // A workflow that goes on must not take it for free of charge.
    const goesOn = await run({ ...again, execution: {}, continueOnFail: true });
    expect(goesOn.items[0]?.json['error']).toMatchObject({ kind: 'refused', outcome: 'unknown' });
    const { resumeToken, ...fresh } = { ...again, execution: {}, executionId: '3' };
    expect([resumeToken, (await run({ ...fresh, resumeToken: 'b' })).items.length]).toEqual(['a', 1]);
  });

  test('where n8n has no token for them, an execution that was killed once has its first keys', async () => {
    const first = await keysOf({ executionId: '1' });
    expect(await keysOf({ executionId: '2', retryOf: '1' })).toEqual(first);
    for (const key of await keysOf({ executionId: '3' })) expect(first).not.toContain(key);
  });

  test('in n8n’s engine 2.0, whose token is another in each step, a step that runs again has the keys of its execution', async () => {
    const executionId = '019b1d7e-6a4c-7d10-9c3e-2f5a8b7c6d5e';
    const first = await keysOf({ executionId, resumeToken: 'a' });
    expect(await keysOf({ executionId, resumeToken: 'b' })).toEqual(first);
    const other = await keysOf({ executionId: executionId.replace('019b', '019c'), resumeToken: 'a' });
    for (const key of other) expect(first).not.toContain(key);
    // Of any other execution the token decides, also where its number is a UUID of another version.
    const random = executionId.replace('-7d10', '-4d10');
    expect(await keysOf({ executionId: random, resumeToken: 'b' })).not.toEqual(
      await keysOf({ executionId: random, resumeToken: 'a' }),
    );
  });

  test('the token, with which anybody could resume the execution, is not stored', async () => {
    const execution = {};
    await run({ ...THREE, execution, resumeToken: 'a-secret-token', response: failed });
    expect(JSON.stringify(execution)).toMatch(/"execution":"[^"]{20}/);
    expect(JSON.stringify(execution)).not.toContain('a-secret-token');
  });

  test('a changed prompt is a new request, a longer timeout is not', async () => {
    const execution = {};
    const tries: Setting = { ...THREE, parameters: { prompt: '=a' } };
    await run({ ...tries, execution, executionId: '1', response: failed });
    const changed = { ...tries, execution: stored(execution), executionId: '2', parameters: { prompt: '=b' } };
    expect(posts(await run(changed))).toBe(3);
    const patient = { ...tries, execution: stored(execution), executionId: '3' };
    expect(posts(await run({ ...patient, parameters: { prompt: '=a', options: { timeout: 900 } } }))).toBe(1);
  });

  test('an image whose file n8n has deleted comes from its URL, and without one the error says so', async () => {
    const gone = (execution: object): object =>
      JSON.parse(JSON.stringify(execution).replaceAll('filesystem-v2:', 'deleted:')) as object;
    for (const [output, words] of [
      ['both', null],
      ['binary', 'n8n has deleted its file'],
    ] as const) {
      const execution = {};
      const tries: Setting = { ...THREE, parameters: { output } };
      await run({ ...tries, execution, executionId: '1', response: failed });
      const { error, items } = await run({ ...tries, execution: gone(execution), executionId: '2' });
      if (words === null) expect([error, items.length]).toEqual([null, 3]);
      else expect(error?.message).toContain(words);
    }
  });

  test('a run without error leaves nothing behind', async () => {
    const execution = {};
    await run({ ...THREE, execution });
    expect(JSON.stringify(execution)).not.toContain(IMAGE_URL);
  });
});

describe('an execution that is stopped', () => {
  test('returns what was finished, and its custom data has the images', async () => {
    const stop = new AbortController();
    const { items, error, customData } = await run({
      ...THREE,
      signal: stop.signal,
      request: ({ body }) => (body?.['prompt'] === 'three' ? stop.abort() : undefined),
      response: (sent) => {
        if (sent.body?.['prompt'] === 'three') throw new Error('aborted');
        return images(sent);
      },
    });
    expect(error).toBeNull();
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
    expect(customData).toEqual({
      wan_image: '2 images were generated and billed before the execution was stopped.',
      wan_image_1: IMAGE_URL,
      wan_image_2: IMAGE_URL,
    });
  });
});

test.each([
  ['items', { ...THREE, parameters: { numberOfImages: 2, options: { maximumTotal: 5 } } }, 'up to 6 images'],
  ['an image set', { parameters: { prompt: '花', imageSet: true, options: { maximumTotal: 4 } } }, 'up to 12 images'],
])(
  'a limit for the images of an execution refuses too many %s before anything is sent',
  async (_what, setting, words) => {
    const { sent, error } = await run(setting);
    expect(sent).toEqual([]);
    expect(error?.message).toMatch(/^Maximum Images per Execution: /);
    expect(error?.message).toContain(words);
  },
);

test('a limit for the images of an execution counts the runs of a loop and the calls of an agent', async () => {
  const setting: Setting = { parameters: { prompt: '花', options: { maximumTotal: 2 } }, execution: {} };
  expect([posts(await run(setting)), posts(await run({ ...setting, runIndex: 1 }))]).toEqual([1, 1]);
  // A retry of the same run is no other run.
  expect(posts(await run({ ...setting, runIndex: 1 }))).toBe(1);
  const { sent, error } = await run({ ...setting, runIndex: 2 });
  expect(sent).toEqual([]);
  expect(error?.message).toContain('after 2 in earlier runs of this execution');
});

describe('an image that n8n cannot store', () => {
  test('of several that all failed is one error with n8n as its subject', async () => {
    const { error, items } = await run({
      parameters: { prompt: '花', numberOfImages: 2, output: 'binary' },
      prepareBinaryData: () => {
        throw new Error('ENOSPC: no space left on device');
      },
    });
    expect(items).toEqual([]);
    expect(error?.message).toMatch(/^The images were generated, but n8n could not store them: ENOSPC/);
    expect(error?.description).toContain('The images are billed');
  });

  const full: Setting['prepareBinaryData'] = (name) => {
    if (name.includes('-2')) throw new Error('ENOSPC: no space left on device');
  };

  test.each(['binary', 'both'])(
    'is a failed item beside the others (output %s), and no other request starts',
    async (output) => {
      const result = await run({
        ...THREE,
        parameters: { prompt: '花', numberOfImages: 2, output },
        prepareBinaryData: full,
      });
      expect(posts(result)).toBe(1);
      expect(result.error?.message).toMatch(/^The image was generated, but n8n could not store it: ENOSPC/);
      expect(result.error?.context?.['images']).toHaveLength(2);
      const goesOn = await run({
        parameters: { prompt: '花', numberOfImages: 2, output },
        prepareBinaryData: full,
        continueOnFail: true,
      });
      expect(goesOn.items.map(({ json }) => 'error' in json)).toEqual([false, true]);
      expect(goesOn.items[1]?.json['error']).toMatchObject({ outcome: 'billed', image: { index: 1 } });
    },
  );

  test('reaches an agent by the URL of the service', async () => {
    const parameters = { prompt: '花', numberOfImages: 2, output: 'both' };
    const { items } = await run({ parameters, prepareBinaryData: full, isTool: true });
    expect(items.map(({ json }) => json['url'])).toEqual([expect.stringContaining('signed'), IMAGE_URL]);
    expect(items[1]?.json['warning']).toContain('n8n could not store a copy');
  });
});

describe('input images', () => {
  const file = (more: object): INodeExecutionData => ({
    json: {},
    binary: { a: { data: 'AAAA', mimeType: 'application/octet-stream', ...more } },
  });
  const edit = (rows: object[]): NonNullable<Setting['parameters']> => ({
    operation: 'edit',
    prompt: '花',
    images: { image: rows } as never,
  });

  test.each([
    ['* without a match', [{ source: 'binary', binaryField: '*' }], file({}), 'no image for *'],
    ['a file that is far too large', [{ source: 'binary', binaryField: 'a' }], file({ bytes: 2e9 }), '20 MB'],
    ['an empty list', [{ source: 'url', url: [] }], file({}), 'gives no image'],
  ])('%s: refused before anything is read or sent', async (_name, rows, item, words) => {
    const { sent, error } = await run({ parameters: edit(rows), input: [item] });
    expect(sent).toEqual([]);
    expect(error?.message).toMatch(/^Images, row 1/);
    expect(error?.message).toContain(words);
    expect(error?.description).toContain('nothing was billed');
  });

  test('an invalid one of several items is named with its item', async () => {
    const png = { mimeType: 'image/png', fileExtension: 'png' };
    const { error } = await run({
      parameters: { ...edit([{ source: 'binary', binaryField: 'a' }]), inputItems: 'together' },
      input: [file(png), file(png)],
    });
    expect(error?.message).toMatch(/^Images, row 1, item 0 \(field a\)/);
    expect(error?.context?.['itemIndex']).toBe(0);
  });

  test('a URL without expression counts once for all items', async () => {
    const input = [{ json: {} }, { json: {} }];
    const url = 'https://example.com/a.png';
    const parameters = { ...edit([{ source: 'url', url }]), inputItems: 'together' };
    const literal = await run({ parameters, input });
    expect(literal.sent[0]?.body?.['image']).toBe(url);
  });
});

test('a failure of the whole run is an item for an agent, and for a workflow that continues', async () => {
  const parameters = { prompt: '花', options: { concurrency: 99 } };
  const [agent, workflow] = await Promise.all([
    run({ parameters, isTool: true }),
    run({ parameters, continueOnFail: true, input: [{ json: {} }, { json: {} }] }),
  ]);
  expect(agent.items[0]?.json['error']).toMatch(/^Concurrency: /);
  expect(workflow.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
});

test('a sleep ends when its signal aborts', async () => {
  const stop = new AbortController();
  const sleeping = n8nClock.sleep(3_600_000, stop.signal);
  stop.abort();
  await expect(sleeping).rejects.toThrow('aborted');
  await expect(n8nClock.sleep(1, stop.signal)).rejects.toThrow('aborted');
});
