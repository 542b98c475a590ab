import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { LedgerRepository } from '../ledger/ledger.repository.ts';
import { readImageId, type ImageKey } from '../domain/image-key.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { ImageFilesService } from './image-files.service.ts';

/** Brings what the store did not take at its time into the store. */
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

  /** One round. What the store still does not take stays, and is tried again in the next. */
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
    // The process may have died before the image was recorded; one whose generation is under way is recorded in a moment.
    if (image === null && !(await this.generations.endedOf([key.generationId])).has(key.generationId)) return;
    if (image !== null && image.state !== 'pending') return this.spool.remove(name);
    const stream = await this.spool.read(name);
    // Another process on the same folder was faster.
    if (stream === null) return;
    const kept = await this.files.keep(stream);
    const stored = { ...kept, state: 'stored', sourceUrl: null } as const;
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
    // Last: should this process die before, the next round finds the image stored.
    await this.spool.remove(name);
    this.logger.info({ image_id: name }, 'an image came from the spool into the store');
  }
}
