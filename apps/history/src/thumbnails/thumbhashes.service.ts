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

/** Images of generations of this time may have been stored since the last look. */
const RECENT_MS = 60 * 60_000;

/**
 * Makes the thumbhashes of images that nobody has seen as a thumbnail: the newest first, one at a time, and only while nothing waits. The
 * rows say which images have one, so after a restart it begins at the newest again and passes by what is done.
 */
@Injectable()
export class ThumbhashesService implements OnModuleInit {
  /** Where the walk through older images continues; null before the first page. */
  #before: string | null = null;
  #isAtEnd = false;
  /** Tried again after the next start. One a pass at most, because it may be the whole disk that is away. */
  readonly #unreadable = new Set<string>();
  #isStopping = false;

  constructor(
    private readonly repository: ThumbhashesRepository,
    private readonly thumbnails: ThumbnailsService,
    private readonly clock: DatabaseClock,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('thumbhashes', UPKEEP_INTERVAL_MS, () => this.pass());
    this.shutdown.on('refuse', () => void (this.#isStopping = true));
  }

  /** Goes on until all images have one, or something waits. */
  async pass(): Promise<void> {
    const recent = firstIdOf(new Date(this.clock.now().getTime() - RECENT_MS));
    for (let before: string | null = null; ;) {
      const page = await this.#pageBefore(before);
      if (page === null) return;
      before = page.before;
      if (before === null || before < recent) break;
    }
    this.#before ??= recent;
    while (!this.#isAtEnd) {
      const page = await this.#pageBefore(this.#before);
      if (page === null) return;
      this.#isAtEnd = page.before === null;
      this.#before = page.before;
    }
  }

  /** Null if something waits, or the store cannot be read. */
  async #pageBefore(before: string | null): Promise<ImagePage | null> {
    const page = await this.repository.page(before, PAGE);
    for (const { sha256, width, height } of page.images) {
      if (this.#isStopping || !this.thumbnails.isIdle || (await this.repository.isBusy())) return null;
      if (width === null || height === null) await this.repository.add(sha256, null);
      else if (!this.#unreadable.has(sha256) && !(await this.#isMade({ sha256, width, height }))) return null;
    }
    return page;
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
