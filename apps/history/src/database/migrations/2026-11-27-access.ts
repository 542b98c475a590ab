import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The project of all that was made before there were projects, and of the admin key. */
const DEFAULT_PROJECT = '00000000-0000-7000-8000-000000000000';

/**
 * Projects, the API keys that act in them, and what a key may use. `key_rate` holds one time a key (GCRA), `key_spend` one sum a key and
 * period: a limit is kept by an update that succeeds or does not, whichever replica sends it. They stand apart from `api_key`, which is
 * read at every request and hardly ever written. Amounts are whole millionths of the currency. A generation keeps its whole reservation
 * beside its cost, so that what was settled as unknown can be settled again when the truth is known.
 */
export class Access1795737600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table project (
        id uuid primary key,
        name text not null constraint project_name unique,
        created_at timestamptz(3) not null
      )`);
    await queryRunner.query(`
      insert into project (id, name, created_at) values ('${DEFAULT_PROJECT}', 'default', now())`);
    await queryRunner.query(`
      create table api_key (
        id uuid primary key,
        project_id uuid not null constraint api_key_of_project references project (id),
        name text not null,
        prefix text not null,
        hash text not null constraint api_key_hash unique,
        scopes text[] not null,
        rate_limit integer,
        spend_limit bigint,
        spend_period text,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3),
        revoked_at timestamptz(3),
        last_used_at timestamptz(3)
      )`);
    await queryRunner.query('create index api_key_project on api_key (project_id, id)');
    await queryRunner.query(`
      create table key_rate (
        api_key_id uuid primary key,
        next_at timestamptz(6) not null
      )`);
    await queryRunner.query(`
      create table key_spend (
        api_key_id uuid not null,
        period_start timestamptz(3) not null,
        reserved bigint not null,
        spent bigint not null,
        primary key (api_key_id, period_start)
      )`);
    await queryRunner.query(`
      alter table generation
        add column api_key_id uuid,
        add column reserved bigint,
        add column cost bigint,
        add column currency text,
        add column spend_period_start timestamptz(3)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table generation
        drop column api_key_id, drop column reserved, drop column cost, drop column currency, drop column spend_period_start`);
    for (const table of ['key_spend', 'key_rate', 'api_key', 'project']) await queryRunner.query(`drop table ${table}`);
  }
}
