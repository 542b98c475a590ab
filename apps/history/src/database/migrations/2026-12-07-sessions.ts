import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * - `session`: browsers that have signed in.
 * - `recorded_request`: requests with an idempotency key that change what is kept, and their responses.
 */
export class Sessions1796601600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table session (
        hash text primary key,
        key_hash text,
        admin_proof text,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        check ((key_hash is null) <> (admin_proof is null))
      )`);
    // The migration before made it for a while, before its release.
    await queryRunner.query(`
      create table if not exists recorded_request (
        project_id uuid not null,
        key text not null,
        fingerprint text not null,
        response jsonb,
        created_at timestamptz(3) not null,
        primary key (project_id, key)
      )`);
    await queryRunner.query('create index if not exists recorded_request_created on recorded_request (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table recorded_request');
    await queryRunner.query('drop table session');
  }
}
