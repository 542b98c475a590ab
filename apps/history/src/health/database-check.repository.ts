import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Whether the database answers. */
@Injectable()
export class DatabaseCheck {
  readonly #dataSource: DataSource;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  async check(): Promise<void> {
    await this.#dataSource.query('select 1');
  }
}
