import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SigningKeyEntity } from './signing-key.entity.ts';

/** The signing keys that the service generated itself. */
@Injectable()
export class SigningKeysRepository {
  constructor(private readonly dataSource: DataSource) {}

  all(): Promise<SigningKeyEntity[]> {
    return this.dataSource.manager.find(SigningKeyEntity, { order: { createdAt: 'DESC' } });
  }

  /** If several replicas start at once, the key of the first is stored, and the others read it. */
  async addUnlessThere(key: SigningKeyEntity): Promise<void> {
    await this.dataSource.manager.createQueryBuilder().insert().into(SigningKeyEntity).values(key).orIgnore().execute();
  }
}
