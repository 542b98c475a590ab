import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What of a request in OpenAI's dialect was taken for something else, and which picture of the history an input was. */
export class Intake1795564800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table generation add column adapted jsonb not null default '[]'`);
    await queryRunner.query('alter table generation_image add column from_image text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation_image drop column from_image');
    await queryRunner.query('alter table generation drop column adapted');
  }
}
