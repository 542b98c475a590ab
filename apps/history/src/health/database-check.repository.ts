import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Whether the database responds. */
@Injectable()
export class DatabaseCheck {
  constructor(private readonly dataSource: DataSource) {}

  async check(): Promise<void> {
    await this.dataSource.query('select 1');
  }
}
