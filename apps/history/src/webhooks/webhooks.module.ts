import { Module } from '@nestjs/common';
import { WEBHOOKS_CONFIG, type WebhooksConfig } from '../config/slices.ts';
import { GenerationsModule } from '../generations/generations.module.ts';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { DeliveriesController } from './deliveries.controller.ts';
import { EventBodies } from './event-bodies.service.ts';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.ts';
import { WebhookDispatcher } from './webhook-dispatcher.service.ts';
import { WebhookEndpoints } from './webhook-endpoints.ts';
import { WebhookUpkeep } from './webhook-upkeep.service.ts';
import { WebhooksController } from './webhooks.controller.ts';
import { WebhooksRepository } from './webhooks.repository.ts';
import { WebhooksService } from './webhooks.service.ts';

/** Tells endpoints of a project what happens to its generations. */
@Module({
  imports: [GenerationsModule, LedgerModule],
  controllers: [DeliveriesController, WebhooksController],
  providers: [
    EventBodies,
    WebhookDeliveriesRepository,
    WebhookDispatcher,
    {
      provide: WebhookEndpoints,
      useFactory: ({ webhookPrivateHosts }: WebhooksConfig) => new WebhookEndpoints(webhookPrivateHosts),
      inject: [WEBHOOKS_CONFIG],
    },
    WebhookUpkeep,
    WebhooksRepository,
    WebhooksService,
  ],
})
export class WebhooksModule {}
