import { DataSource } from 'typeorm';
import { Injectable } from '@nestjs/common';

/** Whether a generation is within the rate limit of its key. */
export interface RateDecision {
  readonly allowed: boolean;
  /** Seconds until the full limit is available again. */
  readonly fullIn: number;
}

const WINDOW_SECONDS = 60;

/** Token buckets of API keys, stored in the database: all replicas share them and use its clock. */
@Injectable()
export class RateRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes a token if one is left. One statement reads and writes, so replicas serialize on its row. */
  async take(apiKeyId: string, limit: number): Promise<RateDecision> {
    const [row] = await this.dataSource.query<RateDecision[]>(
      `with allowed as (
         insert into key_rate (api_key_id, next_at)
         values ($1::uuid, now() + make_interval(secs => $2::float8))
         on conflict (api_key_id) do update
           set next_at = greatest(key_rate.next_at, now()) + make_interval(secs => $2::float8)
           where greatest(key_rate.next_at, now()) + make_interval(secs => $2::float8) <= now() + make_interval(secs => $3::float8)
         returning next_at
       ), seen as (
         select true as allowed, next_at from allowed
         union all
         select false, next_at from key_rate where api_key_id = $1::uuid and not exists (select from allowed)
       )
       select allowed, extract(epoch from next_at - now())::float8 as "fullIn" from seen`,
      [apiKeyId, WINDOW_SECONDS / limit, WINDOW_SECONDS],
    );
    // Refused because of a row that another replica inserted concurrently, which this statement does not see.
    return row ?? { allowed: false, fullIn: WINDOW_SECONDS };
  }
}
