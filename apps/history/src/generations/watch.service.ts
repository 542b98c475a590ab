import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { withNewContext } from '../telemetry/context.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { WatchedRecord } from './generation-events.ts';
import { GenerationsRepository } from './generations.repository.ts';
import { GenerationsService } from './generations.service.ts';

/** Polling interval for all watched generations, with one query each for ends and for records. */
const LOOK_MS = 250;

type Notify<T> = (seen: T | null) => void;

/** Pending watchers, by generation id. Each is notified once. */
class Watchers<T> {
  readonly #byId = new Map<string, Set<Notify<T>>>();

  get ids(): readonly string[] {
    return [...this.#byId.keys()];
  }

  /** Resolves with the next notification for a generation, or with null once `signal` aborts. */
  next(id: string, signal: AbortSignal): Promise<T | null> {
    return new Promise((resolve) => {
      const watchers = this.#byId.get(id) ?? new Set();
      this.#byId.set(id, watchers);
      const stop = (): void => notify(null);
      const notify: Notify<T> = (seen) => {
        signal.removeEventListener('abort', stop);
        watchers.delete(notify);
        if (watchers.size === 0 && this.#byId.get(id) === watchers) this.#byId.delete(id);
        resolve(seen);
      };
      watchers.add(notify);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  notify(id: string, seen: T | null): void {
    for (const notify of this.#byId.get(id) ?? []) notify(seen);
  }
}

/**
 * Watches generations change, whichever process changes them: one query serves all watchers of this process, and it stops when there are
 * none. It needs only the tables of the database, so it works on PGlite and behind a connection pooler.
 */
@Injectable()
export class WatchService implements OnModuleInit {
  readonly #records = new Watchers<WatchedRecord>();
  readonly #ends = new Watchers<true>();
  readonly #closing = new AbortController();
  #looking = false;

  constructor(
    private readonly generations: GenerationsService,
    private readonly repository: GenerationsRepository,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Aborts the watchers, which would otherwise delay shutdown. */
  onModuleInit(): void {
    this.shutdown.on('refuse', () => this.#closing.abort());
  }

  /** Yields the record at each poll, until `signal` aborts, the service shuts down, or the record no longer exists. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<WatchedRecord, void, void> {
    const stopped = this.#stopped(signal);
    while (!stopped.aborted) {
      const next = this.#records.next(id, stopped);
      void this.#look();
      const record = await next;
      if (record === null) return;
      yield record;
    }
  }

  /**
   * Waits until a generation has ended, whichever process runs it. Every generation ends: the reaper ends those of dead processes. While
   * the database is unavailable, polling continues. Returns false once `signal` aborts or the service shuts down.
   */
  async ended(id: string, signal: AbortSignal): Promise<boolean> {
    const stopped = this.#stopped(signal);
    if (stopped.aborted) return false;
    const next = this.#ends.next(id, stopped);
    void this.#look();
    return (await next) !== null;
  }

  #stopped(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    // In a new context, because the loop serves all watchers, not only the request that started it.
    await withNewContext({}, () => this.#lookUntilIdle());
  }

  async #lookUntilIdle(): Promise<void> {
    // Batches the watchers that are added in the same tick.
    await Promise.resolve();
    while (this.#records.ids.length + this.#ends.ids.length > 0) {
      try {
        await Promise.all([this.#lookAtEnds(), this.#lookAtRecords()]);
      } catch (error) {
        this.logger.error({ err: error }, 'watched generations could not be read');
      }
      await sleep(LOOK_MS);
    }
    // In the same tick as the check above: a watcher that is added later starts a new loop.
    this.#looking = false;
  }

  async #lookAtEnds(): Promise<void> {
    const { ids } = this.#ends;
    if (ids.length === 0) return;
    for (const id of await this.repository.endedOf(ids)) this.#ends.notify(id, true);
  }

  async #lookAtRecords(): Promise<void> {
    const { ids } = this.#records;
    if (ids.length === 0) return;
    const records = await this.generations.getWatched(ids);
    for (const id of ids) this.#records.notify(id, records.get(id) ?? null);
  }
}
