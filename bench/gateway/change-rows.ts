import { median, row, type Row } from '../support/report.ts';
import type { Format } from './caller.ts';
import type { ChangeRun } from './change.ts';
import { FORMATS, WORKS } from './works.ts';

/** The new build beside the old one: medians of the ratios of each round. Above 1 is worse in all of them. */
export function changeRows(runs: readonly ChangeRun[], commit: string): readonly Row[] {
  return FORMATS.flatMap((format) => {
    const rounds = pairsOf(runs, format);
    const absolute = (['old', 'new'] as const).flatMap((build) => absoluteRows(rounds, build, format));
    return ratioRows(rounds, format, commit).concat(absolute);
  });
}

function ratioRows(rounds: readonly Pair[], format: Format, peer: string): readonly Row[] {
  const of = (ratio: (round: Pair) => number): number => median(rounds.map(ratio));
  const facts = { work: WORKS[`change ${format}`], peer, unit: 'x' };
  return [
    row({
      ...facts,
      measure: 'processor time a generation, new / old',
      value: of((round) => round.new.cpuMsPerGeneration / round.old.cpuMsPerGeneration),
      target: 1.05,
    }),
    row({ ...facts, measure: 'p50, new / old', value: of((round) => round.new.p50Ms / round.old.p50Ms), target: 1.1 }),
    row({
      ...facts,
      measure: 'generations a second, old / new',
      value: of((round) => round.old.perSecond / round.new.perSecond),
      target: 1.1,
    }),
  ];
}

type Pair = Readonly<Record<ChangeRun['build'], ChangeRun>>;

function pairsOf(runs: readonly ChangeRun[], format: Format): readonly Pair[] {
  const own = runs.filter((run) => run.format === format);
  return own.flatMap((run) => {
    const other = own.find(({ build, round }) => build === 'new' && round === run.round);
    return run.build === 'old' && other !== undefined ? [{ old: run, new: other }] : [];
  });
}

function absoluteRows(rounds: readonly Pair[], build: ChangeRun['build'], format: Format): readonly Row[] {
  const of = (pick: (run: ChangeRun) => number): number => median(rounds.map((round) => pick(round[build])));
  const facts = { work: WORKS[`change ${format}`], peer: null, target: null };
  return [
    row({
      ...facts,
      measure: `${build}: processor time a generation`,
      unit: 'ms',
      value: of((run) => run.cpuMsPerGeneration),
    }),
    row({ ...facts, measure: `${build}: p50`, unit: 'ms', value: of((run) => run.p50Ms) }),
    row({ ...facts, measure: `${build}: generations a second`, unit: '1/s', value: of((run) => run.perSecond) }),
  ];
}
