import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The project of all that was made before there were projects, and of a service that has but one. */
const DEFAULT_PROJECT = '00000000-0000-7000-8000-000000000000';

/**
 * Whose a generation is, and which process has it: `worker` tells a dead process's work from a slow one's. A heartbeat is one row for a
 * process, not one for each of its generations. `upstream_start` holds what began within the last minute, where that is limited. The default is for a replica of the version before, which knows no projects.
 */
export class Work1795521600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table worker (id uuid primary key, seen_at timestamptz(3) not null)');
    await queryRunner.query(`
      alter table generation
        add column project_id uuid not null default '${DEFAULT_PROJECT}',
        add column worker_id uuid,
        add column cancel_requested_at timestamptz(3),
        add column resolved_at timestamptz(3)`);
    await queryRunner.query('create table upstream_start (id uuid primary key, started_at timestamptz(3) not null)');
    await queryRunner.query('create index generation_project on generation (project_id, id)');
    await queryRunner.query(`
      alter table idempotency_key
        alter column project type uuid using '${DEFAULT_PROJECT}'::uuid`);
    await queryRunner.query('alter table idempotency_key rename column project to project_id');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table idempotency_key rename column project_id to project');
    await queryRunner.query(`alter table idempotency_key alter column project type text using 'default'`);
    await queryRunner.query('drop index generation_project');
    await queryRunner.query(`
      alter table generation drop column project_id, drop column worker_id, drop column cancel_requested_at,
        drop column resolved_at`);
    await queryRunner.query('drop table upstream_start');
    await queryRunner.query('drop table worker');
  }
}
