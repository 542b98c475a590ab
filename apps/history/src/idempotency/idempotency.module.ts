import { Module } from '@nestjs/common';
import { RecordedRequestsRepository } from './recorded-requests.repository.ts';
import { RecordedRequests } from './recorded-requests.service.ts';

/** Requests that are carried out once, however often they arrive. */
@Module({
  providers: [RecordedRequestsRepository, RecordedRequests],
  exports: [RecordedRequests],
})
export class IdempotencyModule {}
