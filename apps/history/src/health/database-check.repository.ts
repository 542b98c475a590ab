import { Inject, Injectable } from '@nestjs/common';
import { READS } from '../database/database.ts';
import { DataSource } from 'typeorm';

/** Whether the database responds. */
@Injectable()
export class DatabaseCheck {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  async check(): Promise<void> {
    await this.dataSource.query('select 1');
  }
}
