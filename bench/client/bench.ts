import { join } from 'node:path';
import { startScript } from '../support/child.ts';
import { machine, versionsOf } from '../support/machine.ts';
import { rowsTable, table } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { buildWorker } from './build-worker.ts';
import { importTimes } from './import-time.ts';
import { writeInputFiles } from './input-files.ts';
import { mediansOf, rowsOf, sizeRows, type Sizes } from './rows.ts';
import { runWork, type Run } from './rounds.ts';
import { sizeOfClient, sizeOfClientWithoutSchema, sizeOfPortable } from './size.ts';
import type { StubServer } from './stub-server.ts';
import { WORK_KEYS, WORKS, type Work } from './works.ts';

const PEERS = ['openai', 'ai', '@ai-sdk/openai-compatible', 'zod', 'esbuild'];
const INPUTS = 9;
const IMPORT_ROUNDS = 21;

export async function run(): Promise<void> {
  const about = { machine: machine(), versions: await versionsOf(PEERS), started: new Date().toISOString() };
  print(`${JSON.stringify(about.machine)}\n${JSON.stringify(about.versions)}\n`);
  const runs = await allRuns();
  const sizes = await allSizes();
  const times = await importTimes(IMPORT_ROUNDS);
  const rows = [...rowsOf(runs), ...sizeRows(sizes, times)];
  print(`\n${mediansTable(runs)}${failures(runs)}\n${rowsTable(rows)}`);
  print(`\nraw runs: ${await store('client', { ...about, rows, sizes, times, runs })}\n`);
  print(`${JSON.stringify({ bench: 'client', rows })}\n`);
}

function allRuns(): Promise<readonly Run[]> {
  return withFolder(async (folder) => {
    await using server = await startScript<StubServer>(join(import.meta.dirname, 'stub-server.ts'));
    const inputs = await writeInputFiles(folder, INPUTS);
    const setup = { worker: await buildWorker(folder), server: server.url, folder, inputs };
    const runs: Run[] = [];
    for (const key of WORK_KEYS) {
      const work: Work = WORKS[key];
      const started = Date.now();
      runs.push(...(await runWork(key, work, setup)));
      print(`${work.name}: ${work.rounds} rounds in ${Math.round((Date.now() - started) / 1000)} s\n`);
    }
    return runs;
  });
}

async function allSizes(): Promise<Sizes> {
  return {
    portable: await sizeOfPortable(),
    client: await sizeOfClient(),
    withoutSchema: await sizeOfClientWithoutSchema(),
  };
}

function mediansTable(runs: readonly Run[]): string {
  const lines = WORK_KEYS.flatMap((key) => {
    const work: Work = WORKS[key];
    return work.clients.map((client) => {
      const { wallMs, cpuMs, growthMB, peakMB, heldMs } = mediansOf(runs, key, client);
      const figures = [wallMs, cpuMs, growthMB, peakMB, heldMs];
      return [work.name, client].concat(figures.map((value) => value.toFixed(0)));
    });
  });
  return table(['work', 'client', 'wall ms', 'CPU ms', 'RSS growth MB', 'RSS peak MB', 'held ms'], lines);
}

function failures(runs: readonly Run[]): string {
  return runs
    .filter(({ result }) => result.error !== null)
    .map(({ work, client, result }) => {
      const { error, wallMs, rssPeakMB } = result;
      return `${WORKS[work].name}: ${client} failed after ${wallMs.toFixed(0)} ms and ${rssPeakMB.toFixed(0)} MB: ${error}\n`;
    })
    .join('');
}
