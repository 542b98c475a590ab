import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { SWEEP_CONFIG, type SweepConfig } from '../config/slices.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { PurgedFilesRepository } from '../ledger/purged-files.repository.ts';
import { IMAGE_STORE, type ImageStore } from '../storage/image-store.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { ThumbhashesRepository } from '../thumbnails/thumbhashes.repository.ts';
import { ThumbnailsRepository } from '../thumbnails/thumbnails.repository.ts';
import { SweepRepository } from './sweep.repository.ts';
import { SweepService } from './sweep.service.ts';
import { missingFiles } from './unknown-files.ts';

/** How many files are judged at a time. */
const BATCH = 500;

/** How many rows of thumbhashes one pass checks. */
const ROWS = 1000;

/** How much longer than its generation the row of an image may take. While the database is away, its file is touched every minute. */
const ROW_DELAY_MS = 30 * 60_000;

/**
 * Removes the files of what was deleted for good, and what was made from them, without waiting until the garbage collection reaches them.
 * A file stays recorded until it is seen to be gone: what a process that was killed has begun, the next one completes.
 */
@Injectable()
export class PurgedFilesService implements OnModuleInit {
  #thumbhash = '';
  #isStopping = false;

  constructor(
    private readonly purged: PurgedFilesRepository,
    private readonly rows: SweepRepository,
    private readonly sweep: SweepService,
    private readonly thumbnails: ThumbnailsRepository,
    private readonly thumbhashes: ThumbhashesRepository,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(SWEEP_CONFIG) private readonly config: SweepConfig,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('purged files', UPKEEP_INTERVAL_MS, () => this.pass());
    this.shutdown.on('refuse', () => void (this.#isStopping = true));
  }

  /** Judges all files that are recorded. Those that are too young to be judged stay recorded. */
  async pass(): Promise<void> {
    if (!(await this.sweep.isOwner())) return;
    await this.#checkThumbhashes();
    let after: string | null = null;
    let removed = 0;
    do {
      const files = await this.purged.next(after, BATCH);
      if (files.length === 0) break;
      removed += await this.#judge(files);
      after = files.at(-1)?.id ?? null;
    } while (!this.#isStopping);
    if (removed > 0) this.logger.info({ removed }, 'files of what was deleted for good are removed');
  }

  async #judge(files: Awaited<ReturnType<PurgedFilesRepository['next']>>): Promise<number> {
    // A file put within that time may be of a generation whose rows are yet to be written.
    const before = (await this.store.now()) - this.config.upstreamTimeoutMs - ROW_DELAY_MS;
    const guard = { before, wanted: (sha256s: readonly string[]) => this.rows.known(sha256s) };
    const sha256s = [...new Set(files.map(({ sha256 }) => sha256))];
    await this.#removePreviews(sha256s);
    // What a dead process has moved aside is missing, but not gone yet.
    const count = await this.store.remove([], guard);
    const known = await this.rows.known(sha256s);
    const unknown = sha256s.filter((sha256) => !known.has(sha256));
    const missing = await missingFiles(this.store, unknown);
    const present = unknown.filter((sha256) => !missing.has(sha256));
    await this.purged.remove(files.flatMap(({ id, sha256 }) => (known.has(sha256) || missing.has(sha256) ? [id] : [])));
    return count + (await this.store.remove(present, guard));
  }

  /** What was made from these images, unless another image has the same bytes. The files of thumbnails are recorded before their rows go. */
  async #removePreviews(sha256s: readonly string[]): Promise<void> {
    const images = await this.rows.images(sha256s);
    const gone = sha256s.filter((sha256) => !images.has(sha256));
    if (gone.length === 0) return;
    await this.thumbhashes.remove(gone);
    const thumbnails = await this.thumbnails.of(gone);
    await this.purged.add(thumbnails.map(({ sha256 }) => sha256));
    for (const thumbnail of thumbnails) await this.thumbnails.remove(thumbnail);
  }

  /** One may have been made while its image was being deleted. */
  async #checkThumbhashes(): Promise<void> {
    const sha256s = await this.thumbhashes.after(this.#thumbhash, ROWS);
    this.#thumbhash = sha256s.length < ROWS ? '' : (sha256s.at(-1) ?? '');
    if (sha256s.length === 0) return;
    const images = await this.rows.images(sha256s);
    await this.thumbhashes.remove(sha256s.filter((sha256) => !images.has(sha256)));
  }
}
