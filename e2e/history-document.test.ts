import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHistoryClient, type HistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { run } from './support/run.ts';
import { startService } from './support/service.ts';

/** The commands of each block of a document, with the heading that it stands below. */
async function blocksOf(path: string): Promise<readonly (readonly [heading: string, commands: string])[]> {
  const text = await readFile(join(import.meta.dirname, '..', path), 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const heading = section.split('\n', 1)[0] ?? '';
    return [...section.matchAll(/```sh\n([^]*?)```/g)].map(([, commands = '']) => [heading, commands] as const);
  });
}

/** A `curl` that fails where the service refuses, and says so. */
const CURL = 'set -eu\ncurl() { command curl -sS --fail-with-body "$@" && echo; }\n';

async function made(client: HistoryClient, prompt: string): Promise<string> {
  const request = { model: 'wan2.7-image', prompt, n: 2, size: '1K' } as const;
  const { id } = await client.submit({ ...request, extra: { user: 'alice', metadata: { order: '4711' } } });
  await client.get(id, { wait: 60 });
  return id;
}

test('the commands of docs/history.md run as they stand, and do what it says', async () => {
  await using folder = await temporaryFolder();
  await using service = await startService({ DATA_DIR: folder.path, PORT: '0', WEBHOOK_PRIVATE_HOSTS: 'true' });
  await using receiver = await startTestServer((_request, response) => void response.writeHead(204).end());
  const client = createHistoryClient({ baseUrl: service.url, apiKey: 'any' });
  const ID = await made(client, '一间花店，木门上有红灯笼 a red lantern in 4K');
  const OTHER = await made(client, '海');
  const { id: WEBHOOK } = await client.webhooks.create({ url: receiver.url });
  const { PATH = '' } = process.env;
  const runBlock = async (commands: string): Promise<string> =>
    run('bash', ['-c', CURL + commands], { cwd: folder.path, env: { PATH, URL: service.url, ID, OTHER, WEBHOOK } });

  /** What is true after the block of a heading. */
  const checks: Record<string, (output: string) => Promise<void>> = {
    Find: async (output) => {
      expect(output.split('\n').filter((line) => line.includes(ID)).length).toBeGreaterThanOrEqual(4);
      expect(output).toContain('"count":{"value":0,"capped":false}');
    },
    Search: async (output) => expect(output.match(/"search":\{"complete":true,"indexed":1\}/g)).toHaveLength(2),
    Organise: async (output) => {
      expect(await client.get(ID)).toMatchObject({
        tags: ['冬天', '封面'],
        note: null,
        images: [{ favorite: true }, {}],
      });
      expect(output).toContain('{"tag":"冬天","generations":1}');
    },
    Delete: async () => {
      await expect(client.get(OTHER)).rejects.toMatchObject({ status: 404 });
      expect((await client.get(ID)).images).toMatchObject([{ state: 'stored' }, { state: 'deleted' }]);
    },
    'Many at once': async (output) => {
      expect(await client.get(ID)).toMatchObject({ tags: ['2026', '封面'], images: [{ favorite: false }, {}] });
      expect(output.match(/"object":"bulk_result","matched":[01],"changed":[01]/g)).toHaveLength(3);
      expect((await client.jobs()).data).toMatchObject([{ kind: 'bulk' }]);
    },
    Export: async () => {
      // Its path stands before the file, in the manifest and at the end.
      for (const name of ['generations.zip', 'images.zip', 'tagged.zip']) {
        const archive = await readFile(join(folder.path, name), 'latin1');
        expect([archive.slice(0, 2), archive.match(/images\/\d{4}-\d\d-\d\d_/g)?.length ?? 0]).toEqual(['PK', 3]);
        expect(archive).toContain('manifest.jsonl');
      }
    },
    Retention: async (output) => {
      expect(output.match(/"object":"retention_preview"/g)).toHaveLength(2);
      expect(await client.retention.get()).toMatchObject({
        images: { max_age_days: 365 },
        bin_days: 30,
        keep_tags: ['2026'],
      });
    },
    'Make again': async (output) => {
      const { data } = await client.page({ derived_from: ID });
      expect(data).toHaveLength(2);
      expect(output).toContain('"object":"lineage"');
    },
    Count: async (output) => {
      expect(output.match(/"object":"stats"/g)).toHaveLength(3);
      expect(output).toContain('"object":"timeline"');
    },
    Webhooks: async (output) => {
      expect(await client.webhooks.get(WEBHOOK)).toMatchObject({ enabled: false, disabled_reason: null });
      expect((await client.webhooks.list()).data).toHaveLength(2);
      expect(output.match(/"secret":"whsec_/g)).toHaveLength(2);
      expect(output).toContain('"type":"webhook.test"');
    },
  };
  const blocks = await blocksOf('docs/history.md');
  expect(blocks.map(([heading]) => heading)).toEqual(Object.keys(checks));
  for (const [heading, commands] of blocks) await checks[heading]?.(await runBlock(commands));
});
