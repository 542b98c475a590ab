import { DataSource } from 'typeorm';
import { Injectable } from '@nestjs/common';

/** What taking a place in the rate of a key came to; times in seconds. */
export interface Taken {
  readonly taken: boolean;
  /** How long until the whole rate is free again. */
  readonly fullIn: number;
}

const WINDOW_SECONDS = 60;

/** The rates of keys, counted where all replicas see them, by the database's clock. */
@Injectable()
export class RateRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes a place, unless all of a minute's are taken. One statement looks and writes: replicas wait for each other in its row. */
  async take(apiKeyId: string, limit: number): Promise<Taken> {
    const [row] = await this.dataSource.query<Taken[]>(
      `with taken as (
         insert into key_rate (api_key_id, next_at)
         values ($1::uuid, now() + make_interval(secs => $2::float8))
         on conflict (api_key_id) do update
           set next_at = greatest(key_rate.next_at, now()) + make_interval(secs => $2::float8)
           where greatest(key_rate.next_at, now()) + make_interval(secs => $2::float8) <= now() + make_interval(secs => $3::float8)
         returning next_at
       ), seen as (
         select true as taken, next_at from taken
         union all
         select false, next_at from key_rate where api_key_id = $1::uuid and not exists (select from taken)
       )
       select taken, extract(epoch from next_at - now())::float8 as "fullIn" from seen`,
      [apiKeyId, WINDOW_SECONDS / limit, WINDOW_SECONDS],
    );
    // Refused by a row that another replica has made in this very moment, which this statement does not see.
    return row ?? { taken: false, fullIn: WINDOW_SECONDS };
  }
}
