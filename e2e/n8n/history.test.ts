import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startService, type Service } from '../support/service.ts';
import { imageAt } from '../support/images.ts';
import {
  API_KEY,
  editOf,
  errorOf,
  NODE,
  startQuickSimulator,
  urlRow,
  wanImage,
  workbench,
} from '../support/n8n/wan-image.ts';
import { chain } from '../support/n8n/workflows.ts';
import type { WorkflowJson } from '../support/n8n/types.ts';

/** The node with a history service instead of AnyFast, and what that adds. */

const { run, runWorkflow, engine } = workbench();

const resources = new AsyncDisposableStack();
let service: Service;
beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  service = resources.use(await startService({ DATA_DIR: folder.path, PORT: '0', ADMIN_API_KEY: API_KEY }));
});
afterAll(() => resources.disposeAsync());

const QUICK = { size: '1K', thinkingMode: false };

async function recordOf(id: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  return (await fetch(`${service.url}/v1/generations/${String(id)}`, { headers })).json();
}

/** Generates an image and edits it by its URL. */
const generateAndEdit: WorkflowJson = chain(
  wanImage({ ...QUICK, prompt: '=一间花店 {{ $json.sku }}', output: 'url' }),
  {
    ...wanImage({
      ...editOf([urlRow(`={{ $('${NODE}').item.json.url }}`)], { size: '1K' }),
      prompt: '换成夜晚',
      output: 'both',
    }),
    name: 'Edit',
  },
);

test.each(['both', 'binary', 'url'])(
  'an image has its generation id and a URL that does not expire (output %s)',
  async (output) => {
    const ran = await run(service, { ...QUICK, output });
    expect(ran.error?.message).toBeUndefined();
    const [item] = ran.output(NODE);
    const { generation_id: id, url } = item!.json;
    expect(id).toEqual(expect.stringMatching(/\S{8,}/));
    expect(await recordOf(id)).toMatchObject({ id, request: { prompt: '一间花店', size: '1K' } });
    expect(item!.json).toMatchObject({ width: 1024, height: 1024 });
    if (output === 'binary') return;
    expect(String(url)).toContain(service.url);
    expect(String(url)).not.toMatch(/expires/i);
    expect(await imageAt(String(url))).toBe('png 1024x1024');
  },
);

test('the bytes are those that the history service stores', async () => {
  const [item] = (await run(service, QUICK)).output(NODE);
  const stored = Buffer.from(await (await fetch(String(item!.json['url']))).arrayBuffer());
  expect((await (await engine()).bytes(item!.binary!['data']!)).equals(stored)).toBe(true);
});

test('an image of the history service can be edited by its URL', async () => {
  const ran = await runWorkflow(service, generateAndEdit, { input: [{ json: { sku: 'A' } }] });
  expect(ran.error?.message).toBeUndefined();
  const [edited] = ran.output('Edit');
  expect(edited!.json['generation_id']).not.toBe(ran.output(NODE)[0]!.json['generation_id']);
  expect(await recordOf(edited!.json['generation_id'])).toMatchObject({ request: { prompt: '换成夜晚' } });
});

test('the same workflow runs on the simulator, which has no generation id', async () => {
  await using simulator = await startQuickSimulator();
  const ran = await runWorkflow(simulator, generateAndEdit, {
    input: [{ json: { sku: 'A' } }, { json: { sku: 'B' } }],
  });
  expect(ran.error?.message).toBeUndefined();
  expect(ran.output('Edit').map(({ json }) => json['generation_id'])).toEqual([null, null]);
  expect(simulator.totals.billed_images).toBe(4);
});

describe('an error', () => {
  test('of its upstream is passed on, with its status', async () => {
    const error = errorOf(
      await run(service, { ...QUICK, prompt: '花 [[simulate status=402 code=insufficient_user_quota]]' }),
    );
    expect(error).toMatchObject({ httpCode: '402', context: { itemIndex: 0 } });
    expect(error.description).toContain('Nothing was billed');
  });

  test('of the history service itself is passed on: an unknown image URL', async () => {
    const missing = `${service.url}/v1/images/00000000-0000-0000-0000-000000000000/0`;
    const error = errorOf(await run(service, { ...editOf([urlRow(missing)], { size: '1K' }) }));
    expect(error.message.length).toBeGreaterThan(20);
    expect(error.httpCode).toMatch(/^4/);
  });

  test('of an unknown key is shown by the node and by the credential test', async () => {
    const ran = await run(service, QUICK, { apiKey: 'wrong' });
    expect(errorOf(ran)).toMatchObject({ httpCode: '401', description: expect.stringContaining('API Key') as string });
    const tested = async (apiKey: string): Promise<unknown> =>
      (await engine()).testCredential('wanImageApi', { baseUrl: service.url, apiKey });
    expect(await tested('wrong')).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('(401)') as string,
    });
    expect(await tested(API_KEY)).toMatchObject({ status: 'OK' });
  });
});
