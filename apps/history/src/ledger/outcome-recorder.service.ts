import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatabaseClock } from '../database/database-clock.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { DISK_RESERVE, type DiskReserve } from '../storage/disk-reserve.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { StoredError } from './generation.entity.ts';
import type { NewImage } from './generation-image.entity.ts';
import { LedgerRepository, type Priced, type RecordedEnd, type Unsent } from './ledger.repository.ts';

/** How a generation ended; the recorder adds the time. */
export type Outcome = Omit<RecordedEnd, 'finishedAt'>;

/** An end that is not yet in the database. */
interface BufferedEnd {
  readonly generation: Priced;
  readonly end: RecordedEnd;
  readonly images: readonly NewImage[];
  readonly unsent?: Unsent & { readonly since: number };
}

/** A restarting database is back within seconds; a client waits no longer than this for it. */
const RECORD_PAUSES_MS = [0, 200, 1000];

/** How long to watch for a row that may still appear: the database may yet execute a statement that timed out on the client side. */
const UNSENT_WATCH_MS = 60 * 60 * 1000;

/** How many requests whose commit is unknown are remembered, in this process. */
const MAX_UNSENT = 10_000;

const NOT_SENT: Outcome = {
  state: 'failed',
  outcome: 'not_billed',
  error: {
    type: 'server_error',
    code: 'not_recorded',
    message: 'The request could not be recorded in time, so it was not sent and nothing was billed.',
    param: null,
  },
  upstreamRequestId: null,
  upstreamStatus: null,
  attempts: null,
  upstreamMessage: null,
  upstreamExtra: null,
  responseStatus: 503,
  responseCreated: null,
};

/** Records the ends of generations: at once, or from a write-behind buffer as soon as the database is available. */
@Injectable()
export class OutcomeRecorder implements OnModuleInit {
  /** By the generation's id. */
  readonly #buffer = new Map<string, BufferedEnd>();

  constructor(
    private readonly ledger: LedgerRepository,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    private readonly clock: DatabaseClock,
    @Inject(DISK_RESERVE) private readonly reserve: DiskReserve | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('outcomes', UPKEEP_INTERVAL_MS, () => this.flush());
    this.shutdown.on('flush', () => this.flush());
  }

  /**
   * Records an end. Returns whether it was written and counts. If the database fails, the end is buffered in memory and written later,
   * because the client must still get the images that were paid for.
   */
  async record({ id, reserved }: Priced, outcome: Outcome, images: readonly NewImage[]): Promise<boolean> {
    // Only these two fields, because the buffer may grow large while the database is unavailable.
    const generation = { id, reserved };
    const end = { ...outcome, finishedAt: this.clock.now() };
    for (const pause of RECORD_PAUSES_MS) {
      // Skipped for 0, because even a pause of 0 ms takes a millisecond.
      if (pause > 0) await sleep(pause);
      try {
        await this.reserve?.makeRoom();
        return await this.ledger.end(generation, end, images);
      } catch (error) {
        this.logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
    this.#buffer.set(id, { generation, end, images });
    return false;
  }

  /**
   * Marks a generation as not sent by this process, whether its row exists already or appears later. The row is updated as soon as the
   * database is available, unless another process has claimed the generation meanwhile and sends it. `error` says why.
   */
  markNotSent({ id, reserved }: Priced, workerId: string | null, error: StoredError | null = NOT_SENT.error): void {
    const end = { ...NOT_SENT, error, finishedAt: this.clock.now() };
    this.#buffer.set(id, {
      generation: { id, reserved },
      end,
      images: [],
      unsent: { workerId, since: performance.now() },
    });
  }

  /** Whether no further request may be recorded, because the row of one that is not sent could not be remembered. */
  get isFull(): boolean {
    return this.#buffer.size >= MAX_UNSENT;
  }

  /** Writes the buffered ends; those that fail stay for the next flush. */
  async flush(): Promise<void> {
    const existing = await this.#existingUnsent();
    for (const [id, { generation, end, images, unsent }] of this.#buffer) {
      if (unsent && !existing?.has(id)) {
        // A row is known to be absent only if the query succeeded.
        if (existing !== null && performance.now() - unsent.since > UNSENT_WATCH_MS) this.#buffer.delete(id);
        continue;
      }
      try {
        await this.ledger.end(generation, end, images, unsent);
        this.#buffer.delete(id);
      } catch (error) {
        this.logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
  }

  /** Image files that belong to buffered rows of this process. */
  bufferedFiles(): readonly string[] {
    return [...this.#buffer.values()].flatMap(({ images }) =>
      images.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== null),
    );
  }

  /** The ids of unsent generations that have a row; null if the query failed. */
  async #existingUnsent(): Promise<ReadonlySet<string> | null> {
    const ids = [...this.#buffer].flatMap(([id, { unsent }]) => (unsent ? [id] : []));
    try {
      return ids.length === 0 ? new Set() : await this.ledger.existingIds(ids);
    } catch (error) {
      this.logger.error(
        { err: error },
        'the generations whose insert has an unknown result could not be looked up yet',
      );
      return null;
    }
  }
}
