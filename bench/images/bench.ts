import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, startPostgres } from '@wan-image/testing/postgres';
import { startScript } from '../support/child.ts';
import { machine } from '../support/machine.ts';
import { median, row, rowsTable, type Row } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { besideUploads, type Beside } from './beside.ts';
import { holdsOf, type Hold } from './holds.ts';
import type { Setup } from './setup.ts';
import type { StubServer } from './stub-server.ts';
import { thumbnailMemory, type ThumbnailMemory } from './thumbnail-memory.ts';

const LONGEST_HOLD_MS = 50;

/** As docs/operations.md states it. */
const THUMBNAILS_MB = 450;

interface Part {
  readonly rows: readonly Row[];
  readonly runs: unknown;
}

const PARTS: Readonly<Record<string, (setup: Setup) => Promise<Part>>> = {
  holds: async (setup) => holdRows(await holdsOf(setup)),
  memory: async (setup) => memoryRows(await thumbnailMemory(setup)),
  beside: async (setup) => besideRows(await besideUploads(setup)),
};

/** What image files that were made to harm can do: `pnpm bench images [part …]`. Linux only. */
export async function run(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined)
    throw new Error(`There is no part "${unknown}". There are: ${Object.keys(PARTS).join(', ')}`);
  const about = { machine: machine(), started: new Date().toISOString() };
  print(`${JSON.stringify(about.machine)}\n\n`);
  const parts = await withFolder((folder) => runParts(folder, names));
  const rows = Object.values(parts).flatMap((part) => part.rows);
  print(`\n${rowsTable(rows)}\nraw runs: ${await store('images', { ...about, parts })}\n`);
  print(`${JSON.stringify({ bench: 'images', rows })}\n`);
}

async function runParts(folder: string, names: readonly string[]): Promise<Readonly<Record<string, Part>>> {
  await using stub = await startScript<StubServer>(join(import.meta.dirname, 'stub-server.ts'));
  await using postgres = await startPostgres({ durable: true });
  const parts: Record<string, Part> = {};
  for (const [name, runPart] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    await using database = await createDatabase(postgres.url);
    const own = join(folder, name);
    await mkdir(own);
    parts[name] = await runPart({ upstream: stub.url, databaseUrl: database.url, folder: own });
    print(`${name}: done\n`);
  }
  return parts;
}

function holdRows(holds: readonly Hold[]): Part {
  const ways = [...new Set(holds.map(({ way }) => way))];
  const rows = ways.map((way) => {
    const longest = holds.filter((hold) => hold.way === way).toSorted((one, other) => other.heldMs - one.heldMs)[0];
    const measure = `longest hold of the event loop, by ${longest?.file}`;
    const facts = { unit: 'ms', peer: null, target: LONGEST_HOLD_MS };
    return row({ ...facts, work: `hostile files of 20 MB: ${way}`, measure, value: longest?.heldMs ?? Number.NaN });
  });
  return { rows, runs: holds };
}

function memoryRows(memory: ThumbnailMemory): Part {
  const work = 'thumbnails of seven images at once, each near the most that is accepted';
  const failed = Object.values(memory.statuses).filter((status) => status !== 200).length;
  const facts = { work, peer: null };
  return {
    rows: [
      row({ ...facts, measure: 'memory grows by', value: memory.grownMB, unit: 'MB', target: THUMBNAILS_MB }),
      row({ ...facts, measure: 'thumbnails refused', value: failed, unit: '', target: 0 }),
    ],
    runs: memory,
  };
}

function besideRows(runs: readonly Beside[]): Part {
  const work = '16 callers beside nine uploads of 20 MB at once';
  const facts = { work, unit: 'ms', peer: null, target: null };
  return {
    rows: [
      row({
        work,
        measure: 'p99 beside hostile files / beside ordinary ones',
        value: median(runs.map(({ hostileMs, ordinaryMs }) => hostileMs / ordinaryMs)),
        unit: 'x',
        peer: 'ordinary files',
        target: 1.5,
      }),
      row({ ...facts, measure: 'p99 beside hostile files', value: median(runs.map(({ hostileMs }) => hostileMs)) }),
      row({ ...facts, measure: 'p99 beside ordinary files', value: median(runs.map(({ ordinaryMs }) => ordinaryMs)) }),
    ],
    runs,
  };
}
