import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * - `retention_policy`: how long a project keeps what was generated. `due_at` says when to look next for what has to go, `walked` up to where
 *   there was nothing left, and `revision` is another one with each change, so that no run goes on by an earlier policy.
 * - `upkeep`: when the database was last tidied up, so that one process does it once a day.
 */
export class Retention1796860800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table retention_policy (
        project_id uuid primary key,
        policy jsonb not null,
        has_limits boolean not null,
        revision integer not null default 1,
        updated_at timestamptz(3) not null,
        due_at timestamptz(3) not null,
        started_at timestamptz(3),
        job_id uuid,
        walked jsonb not null default '{}'
      )`);
    await queryRunner.query('create table upkeep (task text primary key, done_at timestamptz(3) not null)');
    await queryRunner.query(`insert into upkeep (task, done_at) values ('months', now()), ('vacuum', now())`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table upkeep');
    await queryRunner.query('drop table retention_policy');
  }
}
