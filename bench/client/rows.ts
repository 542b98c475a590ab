import { median, row, type Row } from '../support/report.ts';
import type { ClientName } from './clients/clients.ts';
import type { ImportTimes } from './import-time.ts';
import type { Measured } from './measure.ts';
import type { Run } from './rounds.ts';
import { WORKS, type WorkKey } from './works.ts';

/** Medians of the runs of one client with one work. */
export interface Medians {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly growthMB: number;
  readonly peakMB: number;
  readonly heldMs: number;
}

export function mediansOf(runs: readonly Run[], work: WorkKey, client: ClientName): Medians {
  const of = (pick: (result: Measured) => number): number =>
    median(runs.filter((run) => run.work === work && run.client === client).map(({ result }) => pick(result)));
  return {
    wallMs: of(({ wallMs }) => wallMs),
    cpuMs: of(({ cpuMs }) => cpuMs),
    growthMB: of(({ rssPeakMB, rssBeforeMB }) => rssPeakMB - rssBeforeMB),
    peakMB: of(({ rssPeakMB }) => rssPeakMB),
    heldMs: of(({ heldMs }) => heldMs),
  };
}

const NODE = 'wan-image';
const FETCH = 'wan-image over fetch';

/** A row whose `target` is null only informs. */
export function rowsOf(runs: readonly Run[]): readonly Row[] {
  const of = (work: WorkKey, client: ClientName): Medians => mediansOf(runs, work, client);
  const ratio = (
    work: WorkKey,
    measure: 'wallMs' | 'cpuMs',
    peer: ClientName,
    target: number | null,
    client: ClientName = NODE,
  ) =>
    row({
      work: WORKS[work].name,
      measure: `${measure === 'wallMs' ? 'wall' : 'CPU'}${client === NODE ? '' : ', over fetch'}`,
      value: of(work, client)[measure] / of(work, peer)[measure],
      unit: 'ratio',
      peer,
      target,
    });
  const own = (work: WorkKey, measure: string, client: ClientName, pick: keyof Medians, target: number | null) => {
    const unit = pick === 'heldMs' ? 'ms' : 'MB';
    return row({ work: WORKS[work].name, measure, value: of(work, client)[pick], unit, peer: null, target });
  };
  return [
    ratio('set', 'wallMs', 'openai', 0.4),
    ratio('set', 'cpuMs', 'openai', 0.4),
    ratio('set', 'wallMs', 'ai', null),
    ratio('set', 'cpuMs', 'ai', null),
    ratio('set', 'wallMs', 'openai', null, FETCH),
    ratio('set', 'cpuMs', 'openai', null, FETCH),
    own('set', 'RSS growth', NODE, 'growthMB', 32),
    own('set', 'RSS growth, over fetch', FETCH, 'growthMB', 64),
    own('set', 'event loop held', NODE, 'heldMs', 30),
    own('set', 'event loop held, over fetch', FETCH, 'heldMs', 30),
    ratio('one', 'cpuMs', 'openai', 0.6),
    ratio('one', 'cpuMs', 'openai', null, FETCH),
    works(runs, NODE),
    own('huge', 'RSS growth', NODE, 'growthMB', 64),
    own('huge', 'RSS growth, over fetch', FETCH, 'growthMB', 64),
    own('atOnce', 'peak RSS', NODE, 'peakMB', 256),
    own('atOnce', 'peak RSS, over fetch', FETCH, 'peakMB', 256),
    ratio('atOnce', 'cpuMs', 'openai', 0.4),
    ratio('atOnce', 'cpuMs', 'openai', null, FETCH),
    own('upload', 'RSS growth', NODE, 'growthMB', 32),
    own('upload', 'RSS growth, over fetch', FETCH, 'growthMB', null),
    ratio('upload', 'cpuMs', 'openai', 0.4),
    ratio('upload', 'cpuMs', 'openai', null, FETCH),
    ratio('small', 'cpuMs', 'fetch', 1.2),
    ratio('small', 'cpuMs', 'fetch', null, FETCH),
    ratio('small', 'cpuMs', 'openai', null),
  ];
}

/** The number of failed runs. */
function works(runs: readonly Run[], client: ClientName): Row {
  const failed = runs.filter((run) => run.work === 'huge' && run.client === client && run.result.error !== null);
  const facts = { work: WORKS.huge.name, measure: 'failed calls', unit: 'calls', peer: null, target: 0 };
  return row({ ...facts, value: failed.length });
}

export interface Sizes {
  readonly portable: number;
  readonly client: number;
  readonly withoutSchema: number;
}

export function sizeRows({ portable, client, withoutSchema }: Sizes, times: ImportTimes): readonly Row[] {
  const size = { work: 'size, minified and gzipped', unit: 'KiB', peer: null };
  const importMs = medianDifference(times.portable, times.zod);
  const zodMs = medianDifference(times.zod, times.empty);
  const time = { work: 'import, over an empty Node', unit: 'ms', peer: null };
  return [
    row({ ...size, measure: './portable with zod', value: portable, target: 16 }),
    row({ ...size, measure: 'createClient over fetch with zod', value: client, target: null }),
    row({ ...size, measure: 'createClient over fetch without any schema', value: withoutSchema, target: 6 }),
    row({ ...time, measure: './portable without zod', value: importMs, target: 10 }),
    row({ ...time, measure: 'zod/mini', value: zodMs, target: null }),
  ];
}

/** Of pairs from the same round, so that load from elsewhere cancels out. */
function medianDifference(longer: readonly number[], shorter: readonly number[]): number {
  return median(longer.map((ms, round) => ms - (shorter[round] ?? Number.NaN)));
}
