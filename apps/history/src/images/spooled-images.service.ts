import type { Readable } from 'node:stream';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import { readImageId, type ImageKey } from '../domain/image-key.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { ImageFilesService, type StoredImage } from './image-files.service.ts';

/** Moves images from the spool to the store, once the store accepts them. */
@Injectable()
export class SpooledImagesService implements OnModuleInit {
  constructor(
    private readonly generations: GenerationsRepository,
    private readonly ledger: LedgerRepository,
    private readonly files: ImageFilesService,
    private readonly tasks: PeriodicTasks,
    @Inject(SPOOL) private readonly spool: Spool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('spool', UPKEEP_INTERVAL_MS, () => this.store());
  }

  /** One pass over the spool. Images that the store still does not accept stay for the next pass. */
  async store(): Promise<void> {
    for (const name of await this.spool.names()) {
      const key = readImageId(name);
      if (key === null) continue;
      try {
        await this.#storeOne(name, key);
      } catch (error) {
        this.logger.warn({ image_id: name, err: error }, 'an image in the spool could not be stored yet');
      }
    }
  }

  async #storeOne(name: string, key: ImageKey): Promise<void> {
    const image = await this.generations.findImage(key);
    // A process that died may not have recorded the image; a generation in flight has yet to record its images.
    if (image === null && !(await this.generations.endedOf([key.generationId])).has(key.generationId)) return;
    if (image !== null && image.state !== 'pending') return this.spool.remove(name);
    const file = await this.spool.open(name);
    // Another process on the same folder has moved it already.
    if (file === null) return;
    const stored = { ...(await this.#store(file.stream())), state: 'stored', sourceUrl: null } as const;
    if (image === null) {
      await this.ledger.addImages(key.generationId, [
        {
          ...stored,
          role: key.role,
          index: key.index,
          revisedPrompt: null,
        },
      ]);
    } else await this.ledger.settleImage(key, stored);
    // Last: if the process dies before this, the image is stored, and the next pass removes the file.
    await this.spool.remove(name);
    this.logger.info({ image_id: name }, 'an image moved from the spool to the store');
  }

  /** Closes the file in any case: a store that rejects it may not even have started to read it. */
  async #store(stream: Readable): Promise<StoredImage> {
    try {
      return await this.files.storeAny(stream);
    } finally {
      stream.destroy();
    }
  }
}
