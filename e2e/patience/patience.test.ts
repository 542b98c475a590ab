import { setTimeout as sleep } from 'node:timers/promises';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { openRuntimes } from '../support/binaries.ts';
import { run as runCommand } from '../support/run.ts';

/** One second more than the default timeout of fetch in Node and in Bun. */
const SECONDS = 301;

test(`the client waits for a response that takes ${SECONDS} s, on Node, Bun and Deno`, async () => {
  const { bun, deno } = await openRuntimes();
  await using server = await startTestServer(async (_request, response) => {
    await sleep(SECONDS * 1000);
    sendJson(response, 200, { created: 1, data: [{ url: 'https://a.example/1.png' }] });
  });
  const run = (program: string, ...args: string[]): Promise<string> =>
    runCommand(program, [...args, 'patient.js', server.url], {
      cwd: import.meta.dirname,
      timeoutMs: (SECONDS + 60) * 1000,
    });
  const denoArgs = ['run', '--no-prompt', '--cached-only', `--allow-net=${new URL(server.url).host}`];
  const printed = await Promise.all([run(process.execPath), run(bun), run(deno, ...denoArgs)]);
  for (const line of printed) expect(JSON.parse(line)).toEqual({ url: 'https://a.example/1.png', attempts: 1 });
  // A client that gave up would have sent its request again.
  expect(server.requests).toHaveLength(3);
});
