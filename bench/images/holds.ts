import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startHistory } from '../gateway/history-process.ts';
import { runNode } from '../support/child.ts';
import { HOSTILE, ordinary } from './hostile-files.ts';
import type { Setup } from './setup.ts';
import { generate, upload } from './requests.ts';

export interface Hold {
  readonly way: 'data URI' | 'form' | 'result' | 'archived input' | 'program that uses core';
  readonly file: string;
  /** The longest that the event loop was held. */
  readonly heldMs: number;
}

/** Each file takes every way into the service, one after the other; then into a program that uses core. */
export async function holdsOf({ upstream, databaseUrl, folder }: Setup): Promise<readonly Hold[]> {
  const holds: Hold[] = [];
  const file = join(folder, 'hold.json');
  const watch = pathToFileURL(join(import.meta.dirname, 'hold-watch.ts')).href;
  const environment = {
    NODE_OPTIONS: `--import=${watch}`,
    HOLD_FILE: file,
    ARCHIVE_INPUTS: 'true',
    ARCHIVE_PRIVATE_HOSTS: 'true',
  };
  await using history = await startHistory({ upstream, databaseUrl, folder, environment });
  const heldBy = async (work: () => Promise<unknown>): Promise<number> => {
    await takeHold(history.pid, file);
    await work();
    return takeHold(history.pid, file);
  };
  // The first of each kind compiles code.
  await generate(history.url, 'tiny');
  for (const [name, make] of Object.entries({ ...HOSTILE, ordinary })) {
    const bytes = make();
    const ways: Readonly<Record<Exclude<Hold['way'], 'program that uses core'>, () => Promise<unknown>>> = {
      'data URI': () => upload(history.url, bytes, 'json'),
      form: () => upload(history.url, bytes, 'form'),
      result: () => generate(history.url, name),
      // Fetched about a second after the generation is recorded.
      'archived input': () =>
        generate(history.url, 'tiny', `${upstream}/${encodeURIComponent(name)}`).then(() => sleep(3000)),
    };
    for (const [way, work] of Object.entries(ways))
      holds.push({ way: way as Hold['way'], file: name, heldMs: await heldBy(work) });
  }
  const inCore = JSON.parse(await runNode([join(import.meta.dirname, 'core-holds.ts')])) as Record<string, number>;
  for (const [name, heldMs] of Object.entries(inCore))
    holds.push({ way: 'program that uses core', file: name, heldMs });
  return holds;
}

/** The longest hold since the last call. */
async function takeHold(pid: number, file: string): Promise<number> {
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return JSON.parse(text) as number;
    await sleep(5);
  }
}
