import type { Statistics, StatisticsQuery, StatisticsRow, Timeline } from '@wan-image/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import type { BackgroundJobEntity } from '../background-jobs/background-job.entity.ts';
import { BackgroundJobs, type StepResult } from '../background-jobs/background-jobs.service.ts';
import { DatabaseClock } from '../database/database-clock.ts';
import type { Transaction } from '../database/sql.ts';
import { invalidRequest } from '../domain/api-error.ts';
import { STATISTICS } from '../domain/job-kinds.ts';
import { amountOf } from '../domain/money.ts';
import type { ReadScope } from '../domain/scope.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { OutboxRepository } from '../ledger/outbox.repository.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { quantilesOf } from './latency.ts';
import { StatisticsRepository, type GroupFigures, type GroupValues } from './statistics.repository.ts';
import { OTHER, UsageRepository } from './usage.repository.ts';

/** How often entries of the outbox are counted. */
const COUNT_INTERVAL_MS = 1_000;

/** An entry usually waits a second. */
const LATE_SECONDS = 300;

/** Entries of a statement. */
const BATCH = 1_000;

/** Rows of a response. */
const MAX_ROWS = 10_000;

/** Failures of a row. */
const MAX_FAILURES = 50;

const HOUR_MS = 3_600_000;

interface RecountProgress {
  /** The start of the next hour. */
  readonly from?: string;
}

/** What was made, what failed, and what it cost, in sums by the hour. */
@Injectable()
export class StatisticsService implements OnModuleInit {
  constructor(
    private readonly usage: UsageRepository,
    private readonly repository: StatisticsRepository,
    private readonly tasks: PeriodicTasks,
    private readonly jobs: BackgroundJobs,
    private readonly clock: DatabaseClock,
    private readonly outbox: OutboxRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('statistics', COUNT_INTERVAL_MS, () => this.#countEntries());
    this.tasks.register('outbox', UPKEEP_INTERVAL_MS, () => this.#checkOutbox());
    this.jobs.register(STATISTICS, {
      prepare: () => Promise.resolve(),
      step: (transaction, job) => this.#recountStep(transaction, job),
    });
  }

  /** Throws an ApiError for a time zone that there is not, or more rows than a response has. */
  async statistics(scope: ReadScope, query: StatisticsQuery): Promise<Statistics> {
    checkTimeZone(query.tz, query.from, query.to);
    const [figures, complete] = await Promise.all([
      this.repository.figures(scope, query, MAX_ROWS + 1),
      this.repository.isComplete(),
    ]);
    if (figures.length > MAX_ROWS) throw tooManyRows();
    return {
      object: 'stats',
      from: new Date(query.from).toISOString(),
      to: new Date(query.to).toISOString(),
      complete,
      data: figures.map(rowOf),
    };
  }

  /** How many images each day has. Throws an ApiError for a time zone that there is not. */
  async timeline(scope: ReadScope, tz: string): Promise<Timeline> {
    checkTimeZone(tz, 0, this.clock.now().getTime());
    const [data, complete] = await Promise.all([this.repository.days(scope, tz), this.repository.isComplete()]);
    return { object: 'timeline', complete, data };
  }

  async #countEntries(): Promise<void> {
    while ((await this.usage.addEntries(BATCH)) === BATCH);
  }

  /** What nobody reads grows, and events and figures are missing meanwhile: an operator has to know. */
  async #checkOutbox(): Promise<void> {
    const { announced, counted } = await this.outbox.waitingSeconds();
    const seconds = Math.max(announced ?? 0, counted ?? 0);
    if (seconds > LATE_SECONDS)
      this.logger.warn({ announced, counted }, 'entries of the outbox wait for seconds: events or statistics are late');
  }

  /** One hour a step, oldest first. What ended meanwhile is counted by its entry. */
  async #recountStep(transaction: Transaction, job: BackgroundJobEntity): Promise<StepResult> {
    const { from = new Date(0).toISOString() } = job.progress as RecountProgress;
    const hour = await this.usage.nextHour(transaction, new Date(from));
    if (hour === null || hour > this.clock.now())
      return { progress: { from }, done: job.done, total: job.done, result: { hours: job.done } };
    await this.usage.recount(transaction, hour);
    return { progress: { from: new Date(hour.getTime() + HOUR_MS).toISOString() }, done: job.done + 1 };
  }
}

function rowOf(figures: GroupFigures): StatisticsRow {
  const named = (prefix: string): [string, number][] =>
    Object.entries(figures.counts).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    );
  const [p50, p95] = quantilesOf(figures.latencies, [0.5, 0.95]);
  const { succeeded, failed, canceled, unknown, images, storedBytes, deletedBytes } = figures;
  return {
    ...(figures.group satisfies GroupValues as Pick<StatisticsRow, 'simulated'>),
    generations: { succeeded, failed, canceled },
    unknown,
    failures: Object.fromEntries(mostFrequent(named('failure:'))),
    images,
    cost: Object.fromEntries(named('cost:').map(([currency, amount]) => [currency, amountOf(amount)])),
    latency: p50 === undefined || p95 === undefined ? null : { p50_ms: p50, p95_ms: p95 },
    stored_bytes: storedBytes,
    deleted_bytes: deletedBytes,
  };
}

/** The upstream names failures as it likes: the others are one. */
function mostFrequent(failures: readonly [string, number][]): readonly [string, number][] {
  if (failures.length <= MAX_FAILURES) return failures;
  const sorted = failures
    .filter(([code]) => code !== OTHER)
    .toSorted(([one, count], [other, than]) => than - count || (one < other ? -1 : 1));
  const named = sorted.slice(0, MAX_FAILURES - 1);
  const sum = (some: readonly [string, number][]): number => some.reduce((total, [, count]) => total + count, 0);
  return [...named, [OTHER, sum(failures) - sum(named)]];
}

/** The sums are by the hour, so a day has to begin with one. Zones change their offset, so some days of the time are tried. */
function checkTimeZone(tz: string, from: number, to: number): void {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', { timeZone: tz, minute: 'numeric' });
  } catch {
    throw invalidRequest(
      `tz: there is no time zone ${JSON.stringify(tz)}. Use an IANA name, such as Asia/Shanghai or UTC.`,
      'tz',
    );
  }
  const recent = Math.max(from, Date.UTC(2023, 0));
  const month = 30 * 24 * HOUR_MS;
  for (let time = Math.floor(recent / HOUR_MS) * HOUR_MS; time <= Math.max(to, recent); time += month) {
    if (format.format(time) !== '0')
      throw invalidRequest(
        `tz: the offset of ${tz} is not a whole number of hours, and figures are kept by the hour. Use another time zone, such as UTC.`,
        'tz',
      );
  }
}

function tooManyRows(): Error {
  return invalidRequest(
    `The statistics would have more than ${MAX_ROWS.toLocaleString('en')} rows. Group by less, by day instead of hour, or limit the time with from and to.`,
    'group_by',
  );
}
