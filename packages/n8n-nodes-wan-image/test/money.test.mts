import { UserError } from 'n8n-workflow';
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

  test('a request that may have been billed is repeated under its key, to a service that may honour keys', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {} };
    const first = await run({ ...tries, response: failsFor('two', 500) });
    const second = await run(tries);
    const keyOf = ({ headers }: Sent): string | undefined => headers['idempotency-key'];
    const [again] = second.sent;
    expect(again && keyOf(again)).toBe(keyOf(first.sent.filter(({ method }) => method === 'POST')[1]!));
    expect(second.items).toHaveLength(3);
  });

  test('a request that AnyFast may have billed is not repeated, and the error says so', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {}, baseUrl: 'https://www.anyfast.com.cn' };
    await run({ ...tries, response: failsFor('two', 500) });
    const second = await run(tries);
    expect(posts(second)).toBe(0);
    expect(second.error?.message).toContain('It may have been billed');
    expect(second.error?.message).toContain('the request was not sent again');
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

describe('a request that n8n itself refuses to send', () => {
  test('is not billed and not retried', async () => {
    const cause = new UserError('The request was blocked because it resolves to a restricted IP address');
    const { sent, error } = await run({
      parameters: { prompt: '花' },
      request: () => Promise.reject(new Error('wrapped', { cause })),
    });
    expect(sent).toHaveLength(1);
    expect(error?.message).toContain('n8n did not send it: The request was blocked');
    expect(error?.message).not.toContain('may have been billed');
  });
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
