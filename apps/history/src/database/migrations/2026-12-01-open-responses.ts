import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `open_response` has a row for each response that no client is known to have received, so that a client that sends its request again
 * gets it, on any replica and after a crash. Its rows live for minutes, so it is a small table and not a column of `generation`.
 *
 * The partial index finds the unknown outcomes of a request, which are few. `simulated` is false for existing rows: nothing tells which of
 * them the simulator generated. `upstream_message` is the upstream's own text of an error that the client is not shown.
 */
export class OpenResponses1796083200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table open_response (
        generation_id uuid primary key,
        project_id uuid not null,
        api_key_id uuid,
        fingerprint text not null,
        is_deferred boolean not null,
        retry_count smallint not null,
        holder uuid not null,
        worker_id uuid,
        is_detached boolean not null default false,
        since timestamptz(3) not null default now()
      )`);
    await queryRunner.query('create index open_response_request on open_response (project_id, fingerprint)');
    await queryRunner.query('create index open_response_since on open_response (since)');
    await queryRunner.query(
      `create index generation_unknown on generation (project_id, fingerprint) where outcome = 'unknown'`,
    );
    await queryRunner.query(`
      alter table generation
        add column simulated boolean not null default false,
        add column upstream_message text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation drop column simulated, drop column upstream_message');
    await queryRunner.query('drop index generation_unknown');
    await queryRunner.query('drop table open_response');
  }
}
