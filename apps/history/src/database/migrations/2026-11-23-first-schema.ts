import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Both tables are partitioned by month on the generation's UUID v7, which is ordered by time: the primary key stays the id alone,
 * the id is the cursor, and a month is dropped in seconds. `partitions.ts` makes the months.
 *
 * There is no default partition: with one, PostgreSQL no longer reads the partitions in order and would have to sort a list.
 * There is no foreign key from picture to generation: it would forbid to drop a month, and both tables drop the same months.
 */
export class FirstSchema1795392000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table generation (
        id uuid primary key,
        state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
        outcome text check (outcome in ('billed', 'not_billed', 'unknown')),
        source text not null,
        model text not null,
        prompt text not null,
        request jsonb not null,
        dropped jsonb not null,
        error jsonb,
        upstream_request_id text,
        upstream_status integer,
        attempts integer,
        upstream_extra jsonb,
        created_at timestamptz(3) not null,
        sent_at timestamptz(3),
        finished_at timestamptz(3)
      ) partition by range (id)`);
    await queryRunner.query(`
      create index generation_unfinished on generation (sent_at) where state in ('queued', 'running')`);
    await queryRunner.query(`
      create table generation_image (
        generation_id uuid not null,
        role text not null check (role in ('input', 'output')),
        index smallint not null,
        state text check (state in ('stored', 'pending', 'lost')),
        source_url text,
        sha256 text,
        width integer,
        height integer,
        bytes integer,
        mime_type text,
        revised_prompt text,
        primary key (generation_id, role, index)
      ) partition by range (generation_id)`);
    await queryRunner.query(`
      create index generation_image_pending on generation_image (generation_id) where state = 'pending'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table generation_image');
    await queryRunner.query('drop table generation');
  }
}
