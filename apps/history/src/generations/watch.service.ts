import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationRecord } from '@wan-image/core';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../telemetry/logger.ts';
import { GenerationsService } from './generations.service.ts';

/** Time between two looks at all that is watched, in one query. */
const LOOK_MS = 250;

type Watcher = (record: GenerationRecord | null) => void;

/**
 * Watches records change, whichever process changes them: one query for all that anybody here watches, as long as somebody does. Needs
 * nothing of the database but its tables, so it works on PGlite and behind a connection pooler.
 */
@Injectable()
export class WatchService implements OnModuleDestroy {
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #generations: GenerationsService;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #looking = false;

  constructor(generations: GenerationsService, @Inject(LOGGER) logger: Logger) {
    this.#generations = generations;
    this.#logger = logger;
  }

  /** Whoever watches would hold up the end of the service. */
  onModuleDestroy(): void {
    this.#closing.abort();
  }

  /** The record at each look, until `signal` aborts, the service closes, or the record is gone. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<GenerationRecord, void, void> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    while (!ended.aborted) {
      const record = await this.#next(id, ended);
      if (record === null) return;
      yield record;
    }
  }

  /** The record as soon as it has ended, or as it is when `signal` aborts. */
  async ended(id: string, signal: AbortSignal): Promise<GenerationRecord | null> {
    for await (const record of this.watch(id, signal)) if (record.finished_at !== null) return record;
    return (await this.#generations.getMany([id])).get(id) ?? null;
  }

  #next(id: string, signal: AbortSignal): Promise<GenerationRecord | null> {
    return new Promise((resolve) => {
      const watchers = this.#watchers.get(id) ?? new Set();
      this.#watchers.set(id, watchers);
      const stop = (): void => told(null);
      const told: Watcher = (record) => {
        signal.removeEventListener('abort', stop);
        watchers.delete(told);
        if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
        resolve(record);
      };
      watchers.add(told);
      signal.addEventListener('abort', stop, { once: true });
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    while (this.#watchers.size > 0) {
      try {
        await this.#lookOnce();
      } catch (error) {
        this.#logger.error({ err: error }, 'what is watched could not be looked at');
      }
      await sleep(LOOK_MS);
    }
    this.#looking = false;
  }

  async #lookOnce(): Promise<void> {
    const watched = [...this.#watchers];
    const records = await this.#generations.getMany(watched.map(([id]) => id));
    for (const [id, watchers] of watched) for (const tell of watchers) tell(records.get(id) ?? null);
  }
}
