import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * - `outbox`: what has happened to generations, until each consumer has it. Its rows are few and short-lived, so it is vacuumed by their
 *   number.
 * - `usage_hour`, `usage_hour_model`: the figures of statistics, by the hour in which generations were created. What was deleted for good has
 *   rows of its own (`is_purged`), so that the others can be counted again from the generations.
 * - `visible_images_hour`: how many images each hour shows.
 * - `generation.replaced`: the figures of an end that a later one has replaced.
 *
 * A job counts what there is.
 */
export class Outbox1796688000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation add column replaced jsonb');
    await queryRunner.query(`
      create table outbox (
        id uuid primary key default gen_random_uuid(),
        created_at timestamptz(3) not null default now(),
        project_id uuid not null,
        generation_id uuid not null,
        type text,
        state text,
        outcome text,
        image_index smallint,
        model text not null,
        source text not null,
        api_key_id uuid,
        simulated boolean not null,
        hour timestamptz(0) not null,
        added jsonb,
        removed jsonb,
        is_purge boolean not null default false,
        announced boolean not null,
        counted boolean not null
      ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`);
    await queryRunner.query('create index outbox_to_announce on outbox (created_at) where not announced');
    await queryRunner.query('create index outbox_to_count on outbox (created_at) where not counted');
    await this.#addFigures(queryRunner);
    await queryRunner.query(`
      insert into background_job (id, kind, state, input, created_at)
      select gen_random_uuid(), 'statistics', 'queued', '{}', now() where exists (select from generation)`);
  }

  async #addFigures(queryRunner: QueryRunner): Promise<void> {
    const figures = `
        succeeded bigint not null,
        failed bigint not null,
        canceled bigint not null,
        unknown bigint not null,
        images bigint not null,
        stored_bytes bigint not null,
        costs jsonb not null,
        failures jsonb not null,
        latency_buckets smallint[] not null,
        latency_counts integer[] not null`;
    await queryRunner.query(`
      create table usage_hour (
        project_id uuid not null,
        hour timestamptz(0) not null,
        model text not null,
        source text not null,
        api_key_id uuid not null,
        simulated boolean not null,
        is_purged boolean not null,
        ${figures},
        primary key (project_id, hour, model, source, api_key_id, simulated, is_purged)
      )`);
    await queryRunner.query('create index usage_hour_api_key on usage_hour (api_key_id, hour)');
    await queryRunner.query(`
      create table usage_hour_model (
        project_id uuid not null,
        hour timestamptz(0) not null,
        model text not null,
        simulated boolean not null,
        is_purged boolean not null,
        ${figures},
        primary key (project_id, hour, model, simulated, is_purged)
      )`);
    // For reads over all projects: of the size of some pages, and never taken for a single project.
    for (const table of ['usage_hour', 'usage_hour_model'])
      await queryRunner.query(`create index ${table}_hour on ${table} using brin (hour) with (pages_per_range = 32)`);
    // The index has the figure too: the rows of a project stand on as many pages as it has hours.
    await queryRunner.query(`
      create table visible_images_hour (
        project_id uuid not null,
        hour timestamptz(0) not null,
        images bigint not null,
        primary key (project_id, hour) include (images)
      )`);
    await queryRunner.query('create index visible_images_hour_hour on visible_images_hour (hour)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`delete from background_job where kind = 'statistics'`);
    for (const table of ['visible_images_hour', 'usage_hour_model', 'usage_hour'])
      await queryRunner.query(`drop table ${table}`);
    await queryRunner.query('drop table outbox');
    await queryRunner.query('alter table generation drop column replaced');
  }
}
