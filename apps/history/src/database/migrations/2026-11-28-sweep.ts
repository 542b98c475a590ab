import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * By which pictures a file of the store is known, for the sweep, and whose a store is. The indexes are hashes: nobody asks for a range, and
 * of 64 hex digits they keep four bytes.
 */
export class Sweep1795824000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index generation_image_sha256 on generation_image using hash (sha256)');
    await queryRunner.query('create index thumbnail_sha256 on thumbnail using hash (sha256)');
    await queryRunner.query('create table picture_store (id uuid primary key)');
    await queryRunner.query('insert into picture_store (id) values (gen_random_uuid())');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table picture_store');
    await queryRunner.query('drop index thumbnail_sha256');
    await queryRunner.query('drop index generation_image_sha256');
  }
}
