import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is unusual about an image (`warning`), and how it has to be turned to be shown (`orientation`, as in EXIF). */
export class ImageFacts1796256000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table generation_image
        add column warning text,
        add column orientation smallint`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation_image drop column warning, drop column orientation');
  }
}
