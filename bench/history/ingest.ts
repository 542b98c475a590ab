import { randomOf } from '@wan-image/testing/random-response';
import { median, quantile, row, rowOfMore, type Row } from '../support/report.ts';
import { generationAt, projectIds, randomProject, type BenchGeneration } from './generations.ts';
import { workOf } from './measured.ts';
import { withClient } from './server.ts';
import { ledger, openServiceDatabase, type LedgerWrites } from './service-code.ts';

const WRITERS = 16;
const WARM_UP_MS = 3_000;
const MEASURED_MS = 15_000;

export interface IngestRun {
  readonly generations: number;
  readonly hasSearch: boolean;
  readonly perSecond: number;
  /** Both writes of a generation: its row before it is sent, and its end with its images. */
  readonly ms: readonly number[];
}

/** Discards what would be written, so that the rest of each statement stays the same. */
const WITHOUT_SEARCH = `
  create function skip_row() returns trigger language plpgsql as 'begin return null; end';
  create trigger skip_row before insert on generation_text for each row execute function skip_row()`;

/** Writes generations as the service does, as fast as the writers can. The database is a copy: nothing is removed. */
export async function ingest(url: string, rows: number, hasSearch: boolean): Promise<IngestRun> {
  if (!hasSearch) await withClient(url, (client) => client.query(WITHOUT_SEARCH));
  const { LedgerRepository } = await ledger();
  const database = await openServiceDatabase(url);
  try {
    const writes = new LedgerRepository(database.dataSource);
    const begin = performance.now() + WARM_UP_MS;
    const end = begin + MEASURED_MS;
    const ms: number[] = [];
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const random = randomOf(100 + writer);
        const projects = projectIds();
        while (performance.now() < end) {
          const started = performance.now();
          await writeGeneration(writes, generationAt(random, new Date(), randomProject(random, projects), null));
          const ended = performance.now();
          if (ended >= begin && ended < end) ms.push(ended - started);
        }
      }),
    );
    return { generations: rows, hasSearch, perSecond: (ms.length * 1000) / MEASURED_MS, ms };
  } finally {
    await database.close();
  }
}

/** Both writes of a generation, as the service makes them. */
export async function writeGeneration(writes: LedgerWrites, one: BenchGeneration): Promise<void> {
  const { id, images, tags: _tags, inputUrls, parent: _parent, ...columns } = one;
  const accepted = {
    ...columns,
    id,
    state: 'running',
    outcome: null,
    sentAt: one.createdAt,
    dropped: [],
    adapted: [],
    simulated: false,
    note: null,
    deletedAt: null,
  };
  const inputs = inputUrls.map((sourceUrl, index) => ({ role: 'input', index, sourceUrl, state: null }));
  await writes.insert({ generation: accepted, inputs, openResponse: null, rerunOf: null }, null, null);
  const end = { state: one.state, outcome: one.outcome, responseStatus: 200, finishedAt: new Date() };
  const outputs = images.map(({ sha256, revisedPrompt }, index) => ({
    role: 'output',
    index,
    state: 'stored',
    sha256,
    width: 2048,
    height: 2048,
    bytes: 4_000_000,
    mimeType: 'image/png',
    revisedPrompt,
  }));
  await writes.end({ id, reserved: null }, end, outputs);
}

export function rowsOfIngest(runs: readonly IngestRun[], rows: number): Row[] {
  const [withSearch, without] = [true, false].map((hasSearch) => runs.filter((run) => run.hasSearch === hasSearch));
  const rateOf = (some: readonly IngestRun[] = []): number => median(some.map(({ perSecond }) => perSecond));
  const longestOf = (some: readonly IngestRun[] = []): number => median(some.map(({ ms }) => Math.max(...ms)));
  const p99Of = (some: readonly IngestRun[] = []): number => median(some.map(({ ms }) => quantile(ms, 0.99)));
  const work = workOf(`ingest: ${WRITERS} writers`, rows);
  const peer = 'without the search table';
  return [
    rowOfMore({ work, measure: 'generations', value: rateOf(withSearch), unit: '/s', peer: null, target: 600 }),
    row({
      work,
      measure: 'generations without the search table',
      value: rateOf(without),
      unit: '/s',
      peer: null,
      target: null,
    }),
    row({ work, measure: 'p99', value: p99Of(withSearch), unit: 'ms', peer: null, target: null }),
    row({ work, measure: 'longest', value: longestOf(withSearch), unit: 'ms', peer: null, target: null }),
    row({ work, measure: 'longest', value: longestOf(withSearch) / longestOf(without), unit: 'x', peer, target: 2 }),
  ];
}
