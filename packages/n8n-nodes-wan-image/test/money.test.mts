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

describe('when n8n runs the node again', () => {
  test('what was made is not made again, and is a result', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {} };
    const first = await run({ ...tries, response: failsFor('three', 400) });
    expect([posts(first), first.items]).toEqual([3, []]);
    const second = await run(tries);
    expect(posts(second)).toBe(1);
    expect(second.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
    expect(second.items.every(({ binary }) => binary?.['data'] !== undefined)).toBe(true);
  });

  test('what may have been billed is sent again under its key, to a service that may honour it', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {} };
    const first = await run({ ...tries, response: failsFor('two', 500) });
    const second = await run(tries);
    const keyOf = ({ headers }: Sent): string | undefined => headers['idempotency-key'];
    const [again] = second.sent;
    expect(again && keyOf(again)).toBe(keyOf(first.sent.filter(({ method }) => method === 'POST')[1]!));
    expect(second.items).toHaveLength(3);
  });

  test('what AnyFast may have billed is not sent again, and says so', async () => {
    const tries = { ...THREE, retryOnFail: true, execution: {}, baseUrl: 'https://www.anyfast.com.cn' };
    await run({ ...tries, response: failsFor('two', 500) });
    const second = await run(tries);
    expect(posts(second)).toBe(0);
    expect(second.error?.message).toContain('It may have been billed');
    expect(second.error?.message).toContain('it was not sent again');
  });

  test('an image that could not be fetched is fetched, not made', async () => {
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
    ['a node that n8n does not run again', { execution: {} }],
  ])('%s sends anew', async (_what, more) => {
    await run({ ...THREE, retryOnFail: true, execution: {} });
    expect(posts(await run({ ...THREE, ...more }))).toBe(3);
  });
});

describe('a request that n8n itself does not let out', () => {
  test('was not billed, and is not tried again', async () => {
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
  const full: Setting['prepareBinaryData'] = (name) => {
    if (name.includes('-2')) throw new Error('ENOSPC: no space left on device');
  };

  test.each(['binary', 'both'])(
    'is a failed item beside the others (output %s), and nothing else is begun',
    async (output) => {
      const result = await run({
        ...THREE,
        parameters: { prompt: '花', numberOfImages: 2, output },
        prepareBinaryData: full,
      });
      expect(posts(result)).toBe(1);
      expect(result.error?.message).toMatch(/^The image was made, but could not be kept: /);
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

  test('still reaches an agent, by the link to the service', async () => {
    const parameters = { prompt: '花', numberOfImages: 2, output: 'both' };
    const { items } = await run({ parameters, prepareBinaryData: full, isTool: true });
    expect(items.map(({ json }) => json['url'])).toEqual([expect.stringContaining('signed'), IMAGE_URL]);
    expect(items[1]?.json['warning']).toContain('n8n could not keep a copy');
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
    ['* that finds none', [{ source: 'binary', binaryField: '*' }], file({}), 'no image for *'],
    ['a field that is far too large', [{ source: 'binary', binaryField: 'a' }], file({ bytes: 2e9 }), '20 MB'],
    ['an empty list', [{ source: 'url', url: [] }], file({}), 'gives no image at all'],
  ])('%s: refused before anything is read or sent', async (_what, rows, item, words) => {
    const { sent, error } = await run({ parameters: edit(rows), input: [item] });
    expect(sent).toEqual([]);
    expect(error?.message).toMatch(/^Images, row 1/);
    expect(error?.message).toContain(words);
    expect(error?.description).toContain('nothing was billed');
  });

  test('a wrong one of several items is named with its item', async () => {
    const png = { mimeType: 'image/png', fileExtension: 'png' };
    const { error } = await run({
      parameters: { ...edit([{ source: 'binary', binaryField: 'a' }]), inputItems: 'together' },
      input: [file(png), file(png)],
    });
    expect(error?.message).toMatch(/^Images, row 1, item 0 \(field a\)/);
    expect(error?.context?.['itemIndex']).toBe(0);
  });

  test('a URL that is written into the row counts once for all items', async () => {
    const input = [{ json: {} }, { json: {} }];
    const url = 'https://example.com/a.png';
    const parameters = { ...edit([{ source: 'url', url }]), inputItems: 'together' };
    const literal = await run({ parameters, input });
    expect(literal.sent[0]?.body?.['image']).toBe(url);
  });
});

test('a failure of the whole run is an item to an agent, and to a workflow that goes on', async () => {
  const parameters = { prompt: '花', options: { concurrency: 99 } };
  const [agent, workflow] = await Promise.all([
    run({ parameters, isTool: true }),
    run({ parameters, continueOnFail: true, input: [{ json: {} }, { json: {} }] }),
  ]);
  expect(agent.items[0]?.json['error']).toMatch(/^Concurrency: /);
  expect(workflow.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
});

test('a sleep ends with its signal', async () => {
  const stop = new AbortController();
  const sleeping = n8nClock.sleep(3_600_000, stop.signal);
  stop.abort();
  await expect(sleeping).rejects.toThrow('ended');
  await expect(n8nClock.sleep(1, stop.signal)).rejects.toThrow('ended');
});
