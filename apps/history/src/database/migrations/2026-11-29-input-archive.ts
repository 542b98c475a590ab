import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An input that was given as a URL is fetched from there, a few times within a day: `try_at` says when next. Who takes one up sets the
 * time after that at once, so no other does meanwhile. What was recorded before keeps its state, null, and is not fetched.
 */
export class InputArchive1795910400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table generation_image
        add column tries smallint,
        add column try_at timestamptz(3)`);
    await queryRunner.query(`
      create index generation_image_input_due on generation_image (try_at) where state = 'pending' and role = 'input'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `update generation_image set state = null where role = 'input' and state in ('pending', 'lost')`,
    );
    await queryRunner.query('drop index generation_image_input_due');
    await queryRunner.query('alter table generation_image drop column tries, drop column try_at');
  }
}
