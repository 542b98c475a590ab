import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { NewImage } from './generation-image.entity.ts';
import { LedgerRepository, type RecordedEnd, type Unsent } from './ledger.repository.ts';

/** How a generation ended; the recorder adds when. */
export type Outcome = Omit<RecordedEnd, 'finishedAt'>;

/** An end that the database has still to take. */
interface BufferedEnd {
  readonly end: RecordedEnd;
  readonly images: readonly NewImage[];
  readonly unsent?: Unsent & { readonly since: number };
}

/** A database that restarts is back in a moment; a client waits no longer than this for it. */
const RECORD_PAUSES_MS = [0, 200, 1000];

/** How long to look out for a row that may still appear: the database may yet execute a statement whose client has timed out. */
const UNSENT_WATCH_MS = 60 * 60 * 1000;

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
  upstreamExtra: null,
  responseStatus: 503,
  responseCreated: null,
};

/** Records how generations ended: at once, or from a write-behind buffer as soon as the database takes it. */
@Injectable()
export class OutcomeRecorder implements OnModuleInit {
  /** By the generation's id. */
  readonly #buffer = new Map<string, BufferedEnd>();

  constructor(
    private readonly ledger: LedgerRepository,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('outcomes', UPKEEP_INTERVAL_MS, () => this.flush());
    this.shutdown.on('flush', () => this.flush());
  }

  /**
   * Records an end. Returns whether the database took it and it counts. Where the database fails, the end stays in memory and is
   * recorded later, because the client must still get what was paid for.
   */
  async record(id: string, outcome: Outcome, images: readonly NewImage[]): Promise<boolean> {
    const end = { ...outcome, finishedAt: new Date() };
    for (const pause of RECORD_PAUSES_MS) {
      // Even a pause of 0 ms would take a millisecond.
      if (pause > 0) await sleep(pause);
      try {
        return await this.ledger.end(id, end, images);
      } catch (error) {
        this.logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
    this.#buffer.set(id, { end, images });
    return false;
  }

  /**
   * This process has not sent a generation, whatever its row says now or once it appears. The row learns so as soon as the database takes
   * it, unless another process has claimed it meanwhile, which then sends it.
   */
  markNotSent(id: string, workerId: string | null): void {
    const end = { ...NOT_SENT, finishedAt: new Date() };
    this.#buffer.set(id, { end, images: [], unsent: { workerId, since: Date.now() } });
  }

  /** Records what the database did not take at its time; what still fails is tried again by the next flush. */
  async flush(): Promise<void> {
    const existing = await this.#existingUnsent();
    for (const [id, { end, images, unsent }] of this.#buffer) {
      if (unsent && !existing?.has(id)) {
        // A row is known to be absent only if the database could be asked.
        if (existing !== null && Date.now() - unsent.since > UNSENT_WATCH_MS) this.#buffer.delete(id);
        continue;
      }
      try {
        await this.ledger.end(id, end, images, unsent);
        this.#buffer.delete(id);
      } catch (error) {
        this.logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
  }

  /** Files of images that this process holds for rows which the database has not taken yet. */
  bufferedFiles(): readonly string[] {
    return [...this.#buffer.values()].flatMap(({ images }) =>
      images.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== null),
    );
  }

  /** Of what was never sent: the ids that have a row; null where that cannot be told. */
  async #existingUnsent(): Promise<ReadonlySet<string> | null> {
    const ids = [...this.#buffer].flatMap(([id, { unsent }]) => (unsent ? [id] : []));
    try {
      return ids.length === 0 ? new Set() : await this.ledger.existingIds(ids);
    } catch (error) {
      this.logger.error({ err: error }, 'it could not be told yet which unsent generations were recorded');
      return null;
    }
  }
}
