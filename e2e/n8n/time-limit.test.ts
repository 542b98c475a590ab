import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { n8nHost } from '../support/n8n/host.ts';
import { startVendor } from '../support/n8n/vendor.ts';
import { errorOf, NODE, workbench } from '../support/n8n/wan-image.ts';

/** n8n ends every request without a timeout after five minutes (n8n#11886). */

const { run } = workbench();

// Instead of five minutes, the limit of n8n's own HTTP client is a fifth of a second here.
const N8N_LIMIT_MS = 200;

let restore: () => void = () => undefined;
afterAll(() => restore());
beforeAll(async () => {
  const { require } = await n8nHost();
  const ofCore = createRequire(require.resolve('n8n-core'));
  const ofNetwork = createRequire(ofCore.resolve('@n8n/backend-network'));
  const axios = ofNetwork('axios') as { defaults: { timeout: number } };
  if (axios.defaults.timeout !== 300_000) throw new Error('This is not the client that n8n has set up.');
  axios.defaults.timeout = N8N_LIMIT_MS;
  restore = () => void (axios.defaults.timeout = 300_000);
});

test.each(['both', 'binary', 'url'])(
  'a response may take longer than the default timeout of n8n (output %s)',
  async (output) => {
    await using vendor = await startVendor({ generate: () => undefined, download: () => undefined });
    const slow = await startVendor({
      generate:
        () =>
        async (response, { body }) => {
          await sleep(3 * N8N_LIMIT_MS);
          const generated = await fetch(`${vendor.url}/v1/images/generations`, { method: 'POST', body });
          response.writeHead(200).end((await generated.text()).replaceAll(vendor.url, slow.url));
        },
      download:
        ({ path }) =>
        async (response) => {
          await sleep(3 * N8N_LIMIT_MS);
          response.writeHead(200).end(Buffer.from(await (await fetch(vendor.url + path)).arrayBuffer()));
        },
    });
    try {
      const ran = await run(slow, { output });
      expect(ran.error?.message).toBeUndefined();
      expect(ran.output(NODE)[0]!.json).toMatchObject({ width: 320 });
      expect(slow.posts).toHaveLength(1);
    } finally {
      await slow[Symbol.asyncDispose]();
    }
  },
);

test('the Timeout option is the only limit', async () => {
  await using vendor = await startVendor({ generate: () => () => undefined });
  const error = errorOf(await run(vendor, { options: { timeout: 1 } }));
  // n8n's own limit, which is shorter here, would be another kind: the connection lost.
  expect(error.errorResponse).toMatchObject({ kind: 'timed_out', outcome: 'unknown' });
  expect(error.message).toContain('The request timed out after 1 s');
});

test('a timeout of a day does not overflow a timer', async () => {
  await using vendor = await startVendor();
  const ran = await run(vendor, { options: { timeout: 86_400 } });
  expect(ran.error?.message).toBeUndefined();
});
