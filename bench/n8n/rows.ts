import { median, row, type Row } from '../support/report.ts';
import type { Run } from './rounds.ts';
import { DOWNLOADS, type SideName } from './sides.ts';
import type { Measured } from './workbench.ts';
import { WORKS, type WorkKey } from './works.ts';

/** Medians of the runs of one side with one work. */
export interface Medians {
  readonly n8nMs: number;
  readonly callerMs: number;
  readonly cpuMs: number;
  readonly beforeMB: number;
  readonly growthMB: number;
}

export function mediansOf(runs: readonly Run[], work: WorkKey, side: SideName): Medians {
  const of = (pick: (result: Measured) => number): number =>
    median(runs.filter((run) => run.work === work && run.side === side).map(({ result }) => pick(result)));
  return {
    n8nMs: of(({ n8nMs }) => n8nMs),
    callerMs: of(({ callerMs }) => callerMs),
    cpuMs: of(({ cpuMs }) => cpuMs),
    beforeMB: of(({ rssBeforeMB }) => rssBeforeMB),
    growthMB: of(({ rssPeakMB, rssBeforeMB }) => rssPeakMB - rssBeforeMB),
  };
}

const PEER: SideName = 'n8n OpenAI';
const OURS: readonly SideName[] = ['wan-image, binary', 'wan-image, both'];

const MEASURES = {
  growthMB: 'peak RSS growth of n8n',
  n8nMs: 'wall as n8n records it',
  callerMs: 'wall of the webhook',
  cpuMs: 'CPU of n8n',
} as const;

/** A row whose `target` is null only informs. */
export function rowsOf(runs: readonly Run[]): readonly Row[] {
  const ratio = (work: WorkKey, pick: keyof typeof MEASURES, side: SideName, target: number | null) =>
    row({
      work: WORKS[work].name,
      measure: `${MEASURES[pick]}: ${side}`,
      value: mediansOf(runs, work, side)[pick] / mediansOf(runs, work, PEER)[pick],
      unit: 'ratio',
      peer: PEER,
      target,
    });
  const growth = (work: WorkKey, side: SideName, target: number | null = null) =>
    row({
      work: WORKS[work].name,
      measure: `${MEASURES.growthMB}: ${side}`,
      value: mediansOf(runs, work, side).growthMB,
      unit: 'MB',
      peer: null,
      target,
    });
  return [
    ...OURS.map((side) => ratio('set', 'growthMB', side, 0.25)),
    ...[...OURS, PEER].map((side) => growth('set', side)),
    ...[...OURS, PEER].map((side) => growth('nothing', side)),
    ...OURS.flatMap((side) => [ratio('set', 'n8nMs', side, null), ratio('set', 'cpuMs', side, null)]),
    ...OURS.flatMap((side) => [ratio('items', 'n8nMs', side, 0.25), ratio('items', 'callerMs', side, null)]),
    // Whatever the number of images.
    growth('downloads', DOWNLOADS, 100),
    ...[...OURS, DOWNLOADS].map((side) => outOfPlace(runs, side)),
  ];
}

/** Over all runs: the bytes and the order of images must always be right. */
function outOfPlace(runs: readonly Run[], side: SideName): Row {
  const value = runs
    .filter((run) => run.side === side)
    .map(({ result }) => result.outOfPlace)
    .reduce((sum, count) => sum + count, 0);
  const facts = { work: 'all of these', measure: `images out of place: ${side}`, unit: 'images', peer: null };
  return row({ ...facts, value, target: 0 });
}
