import {
  parseCreateWebhook,
  parseDeliveryListQuery,
  parseListQuery,
  parseNoQuery,
  parseUpdateWebhook,
  type CreateWebhookRequest,
  type DeliveryListQuery,
  type ListQuery,
  type UpdateWebhookRequest,
  type WebhookDelivery,
  type WebhookDeliveryList,
  type WebhookList,
  type WebhookRecord,
  type WebhookWithSecret,
} from '@wan-image/core';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../http/caller.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { Access } from '../http/route-access.ts';
import { WEBHOOK, WebhooksService } from './webhooks.service.ts';

@Controller('v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Post()
  @Access('manage')
  @Header('cache-control', 'no-store')
  create(
    @Body(contract(parseCreateWebhook)) request: CreateWebhookRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookWithSecret> {
    return this.webhooks.create(caller, request);
  }

  @Get()
  @Access('manage')
  list(@Query(contract(parseListQuery)) query: ListQuery, @CurrentCaller() caller: Caller): Promise<WebhookList> {
    return this.webhooks.list(caller.reads, query);
  }

  @Get(':id')
  @Access('manage')
  get(
    @Param('id', idOf(WEBHOOK)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookRecord> {
    return this.webhooks.get(caller.reads, id);
  }

  @Patch(':id')
  @Access('manage')
  update(
    @Param('id', idOf(WEBHOOK)) id: string,
    @Body(contract(parseUpdateWebhook)) changes: UpdateWebhookRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookRecord> {
    return this.webhooks.update(caller, id, changes);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('manage')
  delete(
    @Param('id', idOf(WEBHOOK)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.webhooks.delete(caller, id);
  }

  /** The previous secret stays valid for 24 hours. */
  @Post(':id/rotate')
  @HttpCode(200)
  @Access('manage')
  @Header('cache-control', 'no-store')
  rotateSecret(
    @Param('id', idOf(WEBHOOK)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookWithSecret> {
    return this.webhooks.rotateSecret(caller, id);
  }

  /** Also a 200 if the endpoint failed: the record says so. */
  @Post(':id/test')
  @HttpCode(200)
  @Access('manage')
  test(
    @Param('id', idOf(WEBHOOK)) id: string,
    @Query(contract(parseNoQuery)) _query: object,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookDelivery> {
    return this.webhooks.test(caller, id);
  }

  @Get(':id/deliveries')
  @Access('manage')
  deliveries(
    @Param('id', idOf(WEBHOOK)) id: string,
    @Query(contract(parseDeliveryListQuery)) query: DeliveryListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<WebhookDeliveryList> {
    return this.webhooks.deliveries(caller.reads, id, query);
  }
}
