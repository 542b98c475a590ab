import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keys stand in a table of their own, because a partitioned one can hold nothing unique but what has its id in it.
 * `fingerprint` tells whether two requests are the same; `reply_status` and `reply_created` are what a record lacks to answer again
 * as it was answered before. No index on `fingerprint`: what is under way has one that is small, and to build another over all months
 * would hold up a running service.
 */
export class Idempotency1795478400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table idempotency_key (
        project text not null,
        key text not null,
        fingerprint text not null,
        generation_id uuid not null,
        created_at timestamptz(3) not null,
        primary key (project, key)
      )`);
    await queryRunner.query('create index idempotency_key_generation on idempotency_key (generation_id)');
    await queryRunner.query('create index idempotency_key_created on idempotency_key (created_at)');
    await queryRunner.query(`
      alter table generation
        add column fingerprint text,
        add column reply_status smallint,
        add column reply_created bigint`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table generation drop column fingerprint, drop column reply_status, drop column reply_created`);
    await queryRunner.query('drop table idempotency_key');
  }
}
