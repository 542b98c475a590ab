import { setTimeout as sleep } from 'node:timers/promises';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { openRuntimes } from '../support/binaries.ts';
import { run as runCommand } from '../support/run.ts';

/** One second more than fetch waits by default, in Node and in Bun. */
const SECONDS = 301;

test(`a server that answers after ${SECONDS} s is waited for, on Node, Bun and Deno`, async () => {
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
  // Whoever gave up would have asked again, or not at all.
  expect(server.requests).toHaveLength(3);
});
