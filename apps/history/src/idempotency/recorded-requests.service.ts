import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Transaction } from '../database/sql.ts';
import { canonicalHash } from '../domain/canonical-hash.ts';
import { keyOfAnotherRequest } from '../domain/repetition.ts';
import type { Scope } from '../domain/scope.ts';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { RecordedRequestsRepository } from './recorded-requests.repository.ts';

interface Recorded<Response> {
  readonly response: Response;
  /** Whether it is the response of an earlier request. */
  readonly isReplay: boolean;
}

/** Requests that change something, and are to do it once however often they arrive. */
@Injectable()
export class RecordedRequests implements OnModuleInit {
  constructor(
    private readonly repository: RecordedRequestsRepository,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.tasks.register('recorded requests', UPKEEP_INTERVAL_MS, () => this.repository.deleteExpired());
  }

  /**
   * Carries out a request, and for 24 hours repeats its response to requests with its key. `work` has to do everything within the
   * transaction that it gets. If it throws, nothing has happened, and the key is free. Throws an ApiError (422) if the key is that of another
   * request: `request` has whatever tells them apart.
   */
  async once<Response extends object>(
    { projectId }: Scope,
    key: string,
    request: object,
    work: (transaction: Transaction) => Promise<Response>,
  ): Promise<Recorded<Response>> {
    const fingerprint = canonicalHash(request);
    const result = await this.repository.record({ projectId, key, fingerprint }, work);
    if ('response' in result) return { response: result.response, isReplay: false };
    if (result.existing.fingerprint !== fingerprint) throw keyOfAnotherRequest();
    // The same request was recorded with the response of the same `work`.
    return { response: result.existing.response as Response, isReplay: true };
  }
}
