import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { SessionEntity } from './session.entity.ts';

/** What tells whose session it is. */
export type SessionKey = Pick<SessionEntity, 'keyHash' | 'adminProof'>;

/** Sessions of pages, by the database's clock, which all replicas share. */
@Injectable()
export class SessionsRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  async insert(hash: string, { keyHash, adminProof }: SessionKey, seconds: number): Promise<void> {
    await this.dataSource.query(
      `insert into session (hash, key_hash, admin_proof, created_at, expires_at)
       values ($1, $2, $3, now(), now() + $4::int * interval '1 second')`,
      [hash, keyHash, adminProof, seconds],
    );
  }

  /** Null if there is none, or it has expired. */
  async find(hash: string): Promise<SessionKey | null> {
    const [row] = await this.dataSource.query<SessionKey[]>(
      `select key_hash as "keyHash", admin_proof as "adminProof" from session where hash = $1 and expires_at > now()`,
      [hash],
    );
    return row ?? null;
  }

  async delete(hash: string): Promise<void> {
    await this.dataSource.manager.delete(SessionEntity, { hash });
  }

  async deleteExpired(): Promise<void> {
    await this.dataSource.query('delete from session where expires_at <= now()');
  }
}
