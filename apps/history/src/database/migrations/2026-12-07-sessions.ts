import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Browsers that have signed in. */
export class Sessions1796601600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table session (
        hash text primary key,
        key_hash text not null,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table session');
  }
}
