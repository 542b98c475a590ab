import { RESULT_URL_LIFETIME_MS } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { imageIdOf, type ImageKey } from '../domain/image-key.ts';
import { GenerationImageEntity } from './generation-image.entity.ts';
import { LOST } from './json-rows.repository.ts';
import { imageEntriesSql } from './outbox.repository.ts';

/** Whether the upstream’s URL of an output has expired in so many milliseconds, by the database's clock: it is valid for a day from the response. */
function isExpiredSql(inMs = '0'): string {
  return `exists (select from generation where generation.id = image.generation_id
    and generation.finished_at < now() + (${inMs} - ${RESULT_URL_LIFETIME_MS}) * interval '1 millisecond')`;
}

/** Outputs that are paid for and still to be fetched from the upstream. */
@Injectable()
export class PendingOutputsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Claims outputs whose next attempt is due: those that were never tried first, and of these the oldest, because their URLs expire first.
   * No other process gets them until the pause after this attempt has passed. `pausesS` are in seconds; the last one applies to all further
   * attempts.
   */
  async claimDue(limit: number, pausesS: readonly number[]): Promise<readonly GenerationImageEntity[]> {
    const [rows] = await this.dataSource.query<[Record<string, unknown>[], number]>(
      `with due as (
         select generation_id, role, index from generation_image
         where state = 'pending' and role = 'output' and source_url is not null and (try_at is null or try_at <= now())
         order by try_at nulls first, generation_id, index limit $1 for update skip locked)
       update generation_image as image
       set tries = coalesce(image.tries, 0) + 1,
         try_at = now() + ($2::int[])[least(coalesce(image.tries, 0) + 1, cardinality($2::int[]))] * interval '1 second'
       from due
       where image.generation_id = due.generation_id and image.role = due.role and image.index = due.index
       returning image.*`,
      [limit, pausesS],
    );
    const { columns } = this.dataSource.getMetadata(GenerationImageEntity);
    return rows
      .map((row) => {
        const values = columns.map(({ propertyName, databaseName }) => [propertyName, row[databaseName]]);
        return Object.fromEntries(values) as GenerationImageEntity;
      })
      .toSorted((one, other) => (imageIdOf(one) < imageIdOf(other) ? -1 : 1));
  }

  /** Marks a pending output as lost if its URL has expired. Returns the new values of its row; null if it has not. */
  async loseExpired({ generationId, role, index }: ImageKey): Promise<typeof LOST | null> {
    const rows = await this.dataSource.query<unknown[]>(
      `with lost as (
         update generation_image as image set state = $4, lost_at = now()
         where generation_id = any($1::uuid[]) and role = $2 and index = $3 and state = 'pending' and ${isExpiredSql()}
         returning generation_id, role, index, state, bytes, false as is_stored
       ), noted as (
         ${imageEntriesSql('lost')}
       )
       select index from lost`,
      [[generationId], role, index, LOST.state],
    );
    return rows.length > 0 ? LOST : null;
  }

  /** Whether the upstream’s URL of an output has expired, or will have within so many milliseconds. */
  async isExpired({ generationId, role, index }: ImageKey, withinMs = 0): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `select from generation_image as image
       where generation_id = $1 and role = $2 and index = $3 and ${isExpiredSql('$4::int')}`,
      [generationId, role, index, withinMs],
    );
    return rows.length > 0;
  }

  /** Makes outputs pending again that were given up while the database's clock was ahead. Returns how many there were. */
  async recoverLostTooEarly(): Promise<number> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `update generation_image set state = 'pending', try_at = null, lost_at = null
       where lost_at > now() and state = $1 and role = 'output' returning index`,
      [LOST.state],
    );
    return rows.length;
  }

  /** After an image of a host could be fetched that failed before: makes the others of that host due, which failed with it. */
  async hasten(host: string): Promise<void> {
    await this.dataSource.query(
      `update generation_image set try_at = now()
       where state = 'pending' and role = 'output' and try_at > now() + interval '1 minute'
         and split_part(source_url, '/', 3) = $1`,
      [host],
    );
  }
}
