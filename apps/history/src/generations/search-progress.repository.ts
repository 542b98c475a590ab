import { searchWords, type GenerationFilter, type SearchProgress } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { ApiError } from '../domain/api-error.ts';
import { REINDEX } from '../domain/job-kinds.ts';

/** How far the search is: a job indexes what was recorded before an update of the service. One that failed leaves it incomplete. */
@Injectable()
export class SearchProgressRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** Null for a filter that reads no index: it finds everything. */
  async of(filter: GenerationFilter): Promise<SearchProgress | null> {
    const { user, metadata, seed, derived_from } = filter;
    const hasTerms = [user, metadata, seed, derived_from].some((value) => value !== undefined);
    return hasTerms || searchWords(filter.q ?? '').length > 0 ? this.get() : null;
  }

  /**
   * Throws an ApiError if the filter cannot find everything yet: what is done to all that it selects would leave out what it is meant for, and
   * not say so. `param` is the field that has the filter.
   */
  async checkComplete(filter: GenerationFilter, param: string | null): Promise<void> {
    const progress = await this.of(filter);
    if (progress?.complete === false) throw incomplete(progress.indexed, param);
  }

  async get(): Promise<SearchProgress> {
    const [job] = await this.dataSource.query<{ done: string; total: string | null }[]>(
      `select done, total from background_job where project_id is null and kind = $1 and state <> 'succeeded' limit 1`,
      [REINDEX],
    );
    if (job === undefined) return { complete: true, indexed: 1 };
    // Rounded down: what is not complete is never 1.
    const part = job.total === null ? 0 : Number(job.done) / Math.max(1, Number(job.total));
    return { complete: false, indexed: Math.min(0.999, Math.floor(part * 1000) / 1000) };
  }
}

function incomplete(indexed: number, param: string | null): ApiError {
  const message = `What an older version of the service recorded is still being indexed (${Math.floor(100 * indexed)} %), so this filter would miss some of it. Wait until search.complete of a list with the same filter is true, or select by other parts than q, user, metadata, seed and derived_from.`;
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'search_incomplete', param });
}
