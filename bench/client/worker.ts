import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileOf, type BenchClient, type CreateBenchClient } from './clients/bench-client.ts';
import { CLIENTS } from './clients/clients.ts';
import { measure } from './measure.ts';
import { pathOf, type Order, type ResponseShape, type Result } from './task.ts';

process.stdout.write(`${JSON.stringify(await resultOf(JSON.parse(process.argv[2] ?? '') as Order))}\n`);

async function resultOf({ task, client: name, server, folder, inputs }: Order): Promise<Result> {
  // Awaited before the measurement: the import does not count.
  const create: CreateBenchClient = await CLIENTS[name]();
  if (task.kind === 'images') {
    const folders = Array.from({ length: task.parallel }, (_, call) => join(folder, String(call)));
    return images(create(`${server}/${pathOf(task.response)}`), task.response, folders);
  }
  const client = create(`${server}/url`);
  if (task.kind === 'upload') {
    const measured = await measure(async () => client.upload?.(inputs));
    const received = (await (await fetch(`${server}/received`)).json()) as number;
    return { ...measured, hashes: [], received };
  }
  await calls(client, task.warmUp, task.parallel);
  return { ...(await measure(() => calls(client, task.calls, task.parallel))), hashes: [], received: 0 };
}

/** One call for each folder, all at once. */
async function images(client: BenchClient, response: ResponseShape, folders: readonly string[]): Promise<Result> {
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  const measured = await measure(async () => {
    await Promise.all(folders.map((folder) => client.images(response.images, folder)));
  });
  const hashes: string[] = [];
  for (const folder of folders) {
    for (let index = 0; index < response.images; index++) hashes.push(await hashOf(fileOf(folder, index)));
    await rm(folder, { recursive: true });
  }
  return { ...measured, hashes, received: 0 };
}

/** Makes `count` calls, at most `parallel` at once. */
async function calls(client: BenchClient, count: number, parallel: number): Promise<void> {
  let remaining = count;
  async function caller(): Promise<void> {
    while (remaining-- > 0) {
      if ((await client.small?.()) === undefined) throw new Error('The response has no URL');
    }
  }
  await Promise.all(Array.from({ length: parallel }, caller));
}

async function hashOf(file: string): Promise<string> {
  if (!existsSync(file)) return 'missing';
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
