import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runNode } from '../support/child.ts';
import { rotated } from '../support/rotated.ts';
import type { ClientName } from './clients/clients.ts';
import { INPUT_BASE64_BYTES } from './input-files.ts';
import { pathOf, type Order, type Result, type Task } from './task.ts';
import type { Work, WorkKey } from './works.ts';

/** One measurement, as it is stored. */
export interface Run {
  readonly work: WorkKey;
  readonly round: number;
  readonly client: ClientName;
  readonly result: Result;
}

export interface Setup {
  /** The script that measures. */
  readonly worker: string;
  readonly server: string;
  readonly folder: string;
  readonly inputs: readonly string[];
}

/** All clients take turns, each round beginning with another, so that load from elsewhere slows all of them equally. */
export async function runWork(key: WorkKey, work: Work, setup: Setup): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < work.rounds; round++) {
    const turns = rotated(work.clients, round);
    for (const client of round === 0 ? [...turns, ...(work.failing ?? [])] : turns) {
      const result = await measured(work.task, client, setup);
      if (!work.failing?.includes(client)) await check(work.task, client, result, setup.server);
      runs.push({ work: key, round, client, result });
    }
  }
  return runs;
}

async function measured(task: Task, client: ClientName, { worker, server, folder, inputs }: Setup): Promise<Result> {
  const order: Order = { task, client, server, inputs, folder: join(folder, 'images') };
  await mkdir(order.folder, { recursive: true });
  try {
    return JSON.parse(await runNode([worker, JSON.stringify(order)])) as Result;
  } finally {
    await rm(order.folder, { recursive: true });
  }
}

/** Throws when a client is fast only because it did something else. */
async function check(task: Task, client: ClientName, result: Result, server: string): Promise<void> {
  if (result.error !== null) throw new Error(`${client} failed: ${result.error}`);
  if (task.kind === 'upload' && result.received < 9 * INPUT_BASE64_BYTES) {
    throw new Error(`${client} sent only ${result.received} bytes`);
  }
  if (task.kind !== 'images') return;
  const response = await fetch(`${server}/${pathOf(task.response)}/hashes`);
  const expected = (await response.json()) as readonly string[];
  const wrong = result.hashes.filter((hash, index) => hash !== expected[index % expected.length]);
  if (wrong.length > 0)
    throw new Error(`${client} wrote ${wrong.length} files that are not the images of the response`);
}
