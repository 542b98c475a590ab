import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../telemetry/logger.ts';
import type { NewImage } from './generation-image.entity.ts';
import type { RecordedEnd } from './generation-rows.repository.ts';
import { GenerationsRepository, type Priced, type Unsent } from '../generations/generations.repository.ts';

/** How a generation ended; when, the service adds. */
export type Ending = Omit<RecordedEnd, 'finishedAt'>;

/** An ending that the database has still to take. */
interface Unrecorded {
  readonly generation: Priced;
  readonly ending: RecordedEnd;
  readonly results: readonly NewImage[];
  readonly unsent?: Unsent & { readonly since: number };
}

/** A database that restarts is back in a moment; a caller waits no longer than this for it. */
const FINISH_PAUSES_MS = [0, 200, 1000];

/** How long a row that was not recorded is looked out for: the database may still be at the statement that nobody waits for any more. */
const UNSENT_WATCH_MS = 60 * 60 * 1000;

const NEVER_SENT: Ending = {
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

/** How generations ended: recorded at once, or as soon as the database takes it. */
@Injectable()
export class OutcomeRecorder {
  /** By the generation's id. */
  readonly #unrecorded = new Map<string, Unrecorded>();
  readonly #repository: GenerationsRepository;
  readonly #logger: Logger;

  constructor(repository: GenerationsRepository, @Inject(LOGGER) logger: Logger) {
    this.#repository = repository;
    this.#logger = logger;
  }

  /**
   * The one place where a row learns how its generation ended. Returns whether it did: where the database fails, the ending is
   * kept in memory and recorded later, because the caller has to be answered with what was paid for.
   */
  async record(generation: Priced, ending: Ending, results: readonly NewImage[]): Promise<boolean> {
    const { id } = generation;
    const whole = { generation, ending: { ...ending, finishedAt: new Date() }, results };
    for (const pause of FINISH_PAUSES_MS) {
      // Even a pause of nothing would be one of a millisecond.
      if (pause > 0) await sleep(pause);
      try {
        return await this.#repository.finish(generation, whole.ending, whole.results);
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
    this.#unrecorded.set(id, whole);
    return false;
  }

  /**
   * This process has not sent it, whatever the row says, now or once it comes: it learns so as soon as the database takes it, unless
   * another process has taken it up meanwhile, which then sends it.
   */
  neverSent({ id, reserved }: Priced, workerId: string | null): void {
    const ending = { ...NEVER_SENT, finishedAt: new Date() };
    // No more of it than that: while the database is away there may be many.
    const generation = { id, reserved };
    this.#unrecorded.set(id, { generation, ending, results: [], unsent: { workerId, since: Date.now() } });
  }

  /** Records what the database did not take at its time; what still fails is tried again the next time. */
  async recordLate(): Promise<void> {
    const there = await this.#unsentButThere();
    for (const [id, { generation, ending, results, unsent }] of this.#unrecorded) {
      if (unsent && !there?.has(id)) {
        // Only where the database has been asked is it known to be absent.
        if (there !== null && Date.now() - unsent.since > UNSENT_WATCH_MS) this.#unrecorded.delete(id);
        continue;
      }
      try {
        await this.#repository.finish(generation, ending, results, unsent);
        this.#unrecorded.delete(id);
      } catch (error) {
        this.#logger.error({ generation_id: id, err: error }, 'the end of a generation could not be recorded yet');
      }
    }
  }

  /** Files of images that this process holds for rows which the database has not taken yet. */
  unrecordedFiles(): readonly string[] {
    return [...this.#unrecorded.values()].flatMap(({ results }) =>
      results.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== null),
    );
  }

  /** Of what was never sent: the ids that have a row; null where that cannot be told. */
  async #unsentButThere(): Promise<ReadonlySet<string> | null> {
    const ids = [...this.#unrecorded].flatMap(([id, { unsent }]) => (unsent ? [id] : []));
    try {
      return ids.length === 0 ? new Set() : await this.#repository.existingIds(ids);
    } catch (error) {
      this.#logger.error({ err: error }, 'it could not be told yet what was recorded after all');
      return null;
    }
  }
}
