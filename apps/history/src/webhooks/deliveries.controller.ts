import { parseNoQuery, type WebhookDelivery } from '@wan-image/core';
import { Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { DELIVERY, WebhooksService } from './webhooks.service.ts';

@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly webhooks: WebhooksService) {}

  /** With the same id and body, and the schedule from its start. */
  @Post(':id/redeliver')
  @HttpCode(200)
  @Access('manage')
  redeliver(
    @Param('id', idOf(DELIVERY)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookDelivery> {
    return this.webhooks.redeliver(caller, id);
  }
}
