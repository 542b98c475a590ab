import { isWanImageError, type Client } from '@wan-image/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { ARCHIVE_CONFIG, type ArchiveConfig } from '../config/slices.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { LedgerRepository, type DueInput } from '../ledger/ledger.repository.ts';
import { imageIdOf } from '../domain/image-key.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { CutOffImages } from './cut-off-images.ts';
import { INPUT_DOWNLOADS } from './input-downloads.ts';
import { ImageFilesService } from './image-files.service.ts';
import { NotAnImageError } from './unrecognized-bytes.ts';

/** Polling interval for due inputs: their URLs may expire soon. */
const LOOK_INTERVAL_MS = 1000;

/** How many inputs a process fetches concurrently. */
const AT_ONCE = 8;

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** Pauses between attempts, in seconds: six attempts within a day. */
const PAUSES_S = [5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 6 * HOUR_S, 14 * HOUR_S] as const;
const MOST_TRIES = PAUSES_S.length + 1;

/**
 * Stores copies of inputs that were given as URLs, so that an edit can be repeated after the URLs have expired. Best effort: the upstream
 * fetches the inputs itself, and no generation waits for this or fails because of it.
 */
@Injectable()
export class InputArchiveService implements OnModuleInit {
  readonly #archiving = new Set<Promise<void>>();
  readonly #cutOff = new CutOffImages();
  readonly #stopping = new AbortController();

  constructor(
    private readonly ledger: LedgerRepository,
    private readonly files: ImageFilesService,
    @Inject(INPUT_DOWNLOADS) private readonly client: Pick<Client, 'download'>,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(ARCHIVE_CONFIG) private readonly config: ArchiveConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    if (this.config.archiveInputs) this.tasks.register('inputs', LOOK_INTERVAL_MS, () => this.archiveDue());
    this.shutdown.on('stop', () => this.#stop());
  }

  /** Starts fetching due inputs, as far as the concurrency limit allows; a slow server delays only its own inputs. */
  async archiveDue(): Promise<void> {
    const free = AT_ONCE - this.#archiving.size;
    if (free === 0 || this.#stopping.signal.aborted) return;
    for (const input of await this.ledger.claimDueInputs(free, PAUSES_S)) {
      const archiving = this.#archive(input).finally(() => this.#archiving.delete(archiving));
      this.#archiving.add(archiving);
    }
  }

  /** Aborts the fetches in flight and waits for them to end. Their inputs stay pending until the next attempt. */
  async #stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#archiving);
  }

  /** Never rejects: an input that cannot be fetched or recorded stays pending until its next attempt. */
  async #archive(input: DueInput): Promise<void> {
    const { signal } = this.#stopping;
    const facts = { image_id: imageIdOf(input), tries: input.tries };
    try {
      // The process that made the last attempt may have died during it.
      if (input.tries > MOST_TRIES) return void (await this.ledger.loseImage(input));
      const kept = await this.files.store(this.client.download(input.sourceUrl, { signal }), async (file, info) => {
        await this.#cutOff.judge(imageIdOf(input), file, info);
      });
      await this.ledger.settleImage(input, { ...kept, state: 'stored' });
    } catch (error) {
      if (signal.aborted) return;
      if (input.tries < MOST_TRIES && !isFinal(error))
        return this.logger.info({ ...facts, err: error }, 'an input image could not be archived yet');
      this.logger.warn({ ...facts, err: error }, 'an input image could not be archived; no more attempts');
      await this.ledger.loseImage(input).catch((cause: unknown) => {
        this.logger.error({ ...facts, err: cause }, 'an input image that cannot be archived could not be marked so');
      });
    }
  }
}

/** Whether another attempt would fail the same way: the response is not an image or too large, or the server or the URL guard refuses. */
function isFinal(error: unknown): boolean {
  return error instanceof NotAnImageError || (isWanImageError(error) && !error.retryable);
}
