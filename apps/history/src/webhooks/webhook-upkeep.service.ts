import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.ts';
import { WebhooksRepository } from './webhooks.repository.ts';

/** How long deliveries are kept. */
const KEPT_DAYS = 30;

/** Rows that one statement deletes, or looks at. */
const BATCH = 1_000;

/** Statements of one run that look for bodies to forget: a million deliveries take an hour and a half. */
const MOST_LOOKS = 10;

/** Deletes what is kept no longer, in batches that hold up nothing else. */
@Injectable()
export class WebhookUpkeep implements OnModuleInit {
  #isStopping = false;
  /** Where the next run goes on to look for bodies to forget. */
  #lookedAt: string | null = null;

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
  ) {}

  onModuleInit(): void {
    this.tasks.register('old deliveries', UPKEEP_INTERVAL_MS, () => this.#run());
    this.shutdown.on('stop', () => void (this.#isStopping = true));
  }

  async #run(): Promise<void> {
    await this.webhooks.endPendingOfDisabled();
    await this.#repeat(() => this.webhooks.deleteRemains(BATCH));
    await this.#repeat(() => this.deliveries.deleteOlder(KEPT_DAYS, BATCH));
    for (let looks = 0; looks < MOST_LOOKS && !this.#isStopping; looks++) {
      this.#lookedAt = await this.deliveries.forgetPurged(this.#lookedAt, BATCH);
      if (this.#lookedAt === null) return;
    }
  }

  async #repeat(batch: () => Promise<number>): Promise<void> {
    let rows = BATCH;
    while (rows === BATCH && !this.#isStopping) rows = await batch();
  }
}
