import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionEntity } from './session.entity.ts';

/** Sessions of pages, by the database's clock, which all replicas share. */
@Injectable()
export class SessionsRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert({ hash, keyHash, seconds }: { hash: string; keyHash: string; seconds: number }): Promise<void> {
    await this.dataSource.query(
      `insert into session (hash, key_hash, created_at, expires_at)
       values ($1, $2, now(), now() + $3::int * interval '1 second')`,
      [hash, keyHash, seconds],
    );
  }

  /** The hash of the key of a session; null if there is none, or it has expired. */
  async find(hash: string): Promise<string | null> {
    const [row] = await this.dataSource.query<Pick<SessionEntity, 'keyHash'>[]>(
      `select key_hash as "keyHash" from session where hash = $1 and expires_at > now()`,
      [hash],
    );
    return row?.keyHash ?? null;
  }

  async delete(hash: string): Promise<void> {
    await this.dataSource.manager.delete(SessionEntity, { hash });
  }

  async deleteExpired(): Promise<void> {
    await this.dataSource.query('delete from session where expires_at <= now()');
  }
}
