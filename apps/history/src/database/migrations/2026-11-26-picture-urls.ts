import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `signing_key` holds the key of picture URLs where no setting gives one. `thumbnail` tells which file of the store is a smaller form of
 * which; it is named by the bytes of the original, not by a generation, so the same picture has its thumbnails once.
 */
export class PictureUrls1795651200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table signing_key (
        id text primary key,
        secret text not null,
        created_at timestamptz(3) not null
      )`);
    await queryRunner.query(`
      create table thumbnail (
        source_sha256 text not null,
        width integer not null,
        format text not null,
        sha256 text not null,
        bytes integer not null,
        created_at timestamptz(3) not null,
        primary key (source_sha256, width, format)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table thumbnail');
    await queryRunner.query('drop table signing_key');
  }
}
