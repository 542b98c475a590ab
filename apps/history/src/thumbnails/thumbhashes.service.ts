import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatabaseClock } from '../database/database-clock.ts';
import { firstIdOf } from '../database/partitions.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { ThumbhashesRepository, type HashedImage, type ImagePage } from './thumbhashes.repository.ts';
import { ThumbnailsService } from './thumbnails.service.ts';

/** Images of a page. More than a generation has. */
const PAGE = 500;

/**
 * The walk through millions of images begins again with each start. Without a pause after each image, and one of so many times as long as a
 * page took to read, all requests would wait behind it for minutes.
 */
const PAUSE_MS = 50;
const PAUSE_TIMES = 9;
const LONGEST_PAUSE_MS = 1_000;

/** Images of generations of this time may have been stored since the last look. */
const RECENT_MS = 60 * 60_000;

/**
 * Makes the thumbhashes of images that nobody has seen as a thumbnail: the newest first, one at a time, and only while nothing waits. The
 * rows say which images have one, so after a restart it begins at the newest again and passes by what is done.
 */
@Injectable()
export class ThumbhashesService implements OnModuleInit {
  #intervalMs = UPKEEP_INTERVAL_MS;
  /** Where the walk through older images continues; null before the first page. */
  #before: string | null = null;
  #isAtEnd = false;
  /** Tried again after the next start. One a pass at most, because it may be the whole disk that is away. */
  readonly #unreadable = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(
    private readonly repository: ThumbhashesRepository,
    private readonly thumbnails: ThumbnailsService,
    private readonly clock: DatabaseClock,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.#intervalMs = this.tasks.register('thumbhashes', UPKEEP_INTERVAL_MS, () => this.pass());
    this.shutdown.on('refuse', () => this.#stopping.abort());
  }

  /** Goes on until all images have one, or something waits, or the next pass is due: only its beginning finds new images. */
  async pass(): Promise<void> {
    const until = performance.now() + this.#intervalMs;
    const recent = firstIdOf(new Date(this.clock.now().getTime() - RECENT_MS));
    for (let before: string | null = null; ;) {
      const page = await this.#pageBefore(before);
      if (page === null) return;
      before = page.before;
      if (before === null || before < recent) break;
    }
    this.#before ??= recent;
    // One page at least, so that it ends also where there is much of the recent hour.
    for (let isFirst = true; !this.#isAtEnd && (isFirst || performance.now() < until); isFirst = false) {
      const page = await this.#pageBefore(this.#before);
      if (page === null) return;
      this.#isAtEnd = page.before === null;
      this.#before = page.before;
    }
  }

  /** Null if something waits, or the store cannot be read. */
  async #pageBefore(before: string | null): Promise<ImagePage | null> {
    if (await this.#mustWait()) return null;
    const started = performance.now();
    const page = await this.repository.page(before, PAGE);
    const pauseMs = PAUSE_TIMES * (performance.now() - started);
    for (const { sha256, width, height } of page.images) {
      if (await this.#mustWait()) return null;
      if (width === null || height === null) await this.repository.add(sha256, null);
      else if (!this.#unreadable.has(sha256) && !(await this.#isMade({ sha256, width, height }))) return null;
      await this.#pause(PAUSE_MS);
    }
    await this.#pause(Math.min(pauseMs, LONGEST_PAUSE_MS));
    return this.#stopping.signal.aborted ? null : page;
  }

  async #mustWait(): Promise<boolean> {
    return this.#stopping.signal.aborted || !this.thumbnails.isIdle || (await this.repository.isBusy());
  }

  /** Ends early at a shutdown. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #isMade(image: HashedImage): Promise<boolean> {
    try {
      await this.thumbnails.makeThumbhash(image);
      return true;
    } catch (error) {
      this.#unreadable.add(image.sha256);
      this.logger.warn({ sha256: image.sha256, err: error }, 'the thumbhash of an image could not be made');
      return false;
    }
  }
}
