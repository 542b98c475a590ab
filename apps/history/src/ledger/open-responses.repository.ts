import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LazyCommit } from '../database/lazy-commit.ts';
import { isAliveSql } from './end-generations.repository.ts';
import type { OpenResponseEntity } from './open-response.entity.ts';

/** A response that a request holds. */
export type HeldResponse = Pick<OpenResponseEntity, 'generationId' | 'holder'>;

/** A request that may be a repetition of an earlier one. */
export interface Resend extends Pick<
  OpenResponseEntity,
  'projectId' | 'apiKeyId' | 'fingerprint' | 'isDeferred' | 'retryCount' | 'holder'
> {
  /** The process that has its connection. */
  readonly workerId: string;
}

/** How long a response whose client has disconnected waits for a retry, including the pauses of its SDK. */
const RETRY_WINDOW_MS = 10 * 60_000;

/** The same for a client that does not say that it retries: later it may as well want another image. */
const RESEND_WINDOW_MS = 2 * 60_000;

/** Whether nobody waits for the response: its client has disconnected, or died with its process. */
const isUnheldSql = (leaseMs: string): string =>
  `(not open_response.is_deferred and (open_response.is_detached or not ${isAliveSql(leaseMs, 'open_response')}))`;

/**
 * Responses that no client is known to have received. Each is handed to one repetition of its request: what nobody waits for to any
 * repetition, and what somebody seems to wait for only to one with a higher retry count, because a broken connection is not always noticed.
 */
@Injectable()
export class OpenResponsesRepository {
  readonly #closed: LazyCommit<HeldResponse>;

  constructor(private readonly dataSource: DataSource) {
    // The commit does not wait for the disk. A server that crashes may keep a row whose response was received: it expires, or a repetition
    // of the same request gets that response once more, which is not billed.
    this.#closed = new LazyCommit<HeldResponse>(async (responses) => {
      await dataSource.manager.query(
        `with lazily as materialized (select set_config('synchronous_commit', 'off', true))
         delete from open_response using lazily, unnest($1::uuid[], $2::uuid[]) as given (generation_id, holder)
         where open_response.generation_id = given.generation_id and open_response.holder = given.holder`,
        [responses.map(({ generationId }) => generationId), responses.map(({ holder }) => holder)],
      );
    });
  }

  /**
   * Hands a response to a repetition of its request, and returns its generation; null if there is none. Those that nobody waits for come
   * first, oldest first; of the others the newest with the highest retry count, because it is the most likely to be that of this client.
   */
  async take(resend: Resend, leaseMs: number): Promise<string | null> {
    // One statement for both would give two repetitions that come together the same response, although there is another.
    const unheld = await this.#take(resend, leaseMs, isUnheldSql('$8'), 'open_response.generation_id');
    if (unheld !== null || resend.retryCount === 0) return unheld;
    return this.#take(
      resend,
      leaseMs,
      'open_response.retry_count < $5 and $8::int is not null',
      'open_response.retry_count desc, open_response.generation_id desc',
    );
  }

  /** The first response in an order that satisfies a condition. */
  async #take(resend: Resend, leaseMs: number, condition: string, order: string): Promise<string | null> {
    const { projectId, apiKeyId, fingerprint, isDeferred, retryCount, holder, workerId } = resend;
    const window = retryCount > 0 ? RETRY_WINDOW_MS : RESEND_WINDOW_MS;
    // Waits for a locked row instead of skipping it: its client may be disconnecting at this moment.
    const [rows] = await this.dataSource.manager.query<[{ generation_id: string }[], number]>(
      `update open_response set holder = $6, worker_id = $7, is_detached = false, since = now(),
         retry_count = greatest(retry_count, $5)
       where generation_id = (
         select open_response.generation_id
         from open_response join generation on generation.id = open_response.generation_id
         where open_response.project_id = $1 and open_response.fingerprint = $2
           and open_response.api_key_id is not distinct from $3 and open_response.is_deferred = $4
           and generation.outcome is distinct from 'not_billed' and generation.resolved_at is null
           and (open_response.since > now() - $9::int * interval '1 millisecond'
             or ($5 > 0 and generation.finished_at is null))
           and ${condition}
         order by ${order}
         limit 1 for update of open_response)
       returning generation_id`,
      [projectId, fingerprint, apiKeyId, isDeferred, retryCount, holder, workerId, leaseMs, window],
    );
    return rows[0]?.generation_id ?? null;
  }

  /** As `take`, of one generation that may have begun a moment ago. Returns whether the request got it. */
  async takeOf(generationId: string, { retryCount, holder, workerId }: Resend): Promise<boolean> {
    const [rows] = await this.dataSource.manager.query<[unknown[], number]>(
      `update open_response set holder = $3, worker_id = $4, is_detached = false, since = now(), retry_count = $2
       where generation_id = $1 and retry_count < $2 returning generation_id`,
      [generationId, retryCount, holder, workerId],
    );
    return rows.length > 0;
  }

  /** The holder has received the response. Written together with others a moment later, or at {@link closeNow}. */
  close(response: HeldResponse): Promise<void> {
    return this.#closed.add(response);
  }

  /** Begins to write what is to be closed. */
  closeNow(): void {
    this.#closed.flush();
  }

  /** The holder has disconnected, or has got an error that is not the result of the generation. */
  async detach({ generationId, holder }: HeldResponse): Promise<void> {
    await this.dataSource.manager.query(
      `update open_response set is_detached = true, since = now() where generation_id = $1 and holder = $2`,
      [generationId, holder],
    );
  }

  /** Deletes responses that nobody can get any more. */
  async deleteExpired(): Promise<void> {
    await this.dataSource.manager.query(
      `delete from open_response where since <= now() - $1::int * interval '1 millisecond' and not exists (
         select from generation where generation.id = open_response.generation_id and state in ('queued', 'running'))`,
      [RETRY_WINDOW_MS],
    );
  }
}
