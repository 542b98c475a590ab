import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A client's own references (`user` and `metadata` of its requests), by which lists are filtered. Most requests have none: the indexes hold
 * only those that do. Without `fastupdate`, whose pending list makes one insert in a few hundred wait for a second.
 */
export class ClientReferences1795996800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation add column client_user text, add column metadata jsonb');
    await queryRunner.query(`
      create index generation_client_user on generation (project_id, client_user, id)
      where client_user is not null`);
    await queryRunner.query(`
      create index generation_metadata on generation using gin (metadata jsonb_path_ops)
      with (fastupdate = off) where metadata is not null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index generation_metadata');
    await queryRunner.query('drop index generation_client_user');
    await queryRunner.query('alter table generation drop column metadata, drop column client_user');
  }
}
