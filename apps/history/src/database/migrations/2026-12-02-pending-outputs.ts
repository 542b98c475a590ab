import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An output that is still to be fetched has attempts too, as an input has: `tries`, and `try_at` for the next one. `lost_at` says when it
 * was given up because its URL had expired: if that time is still to come, the clock was ahead, and it is fetched again.
 */
export class PendingOutputs1796169600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation_image add column lost_at timestamptz(3)');
    await queryRunner.query(`
      create index generation_image_output_due on generation_image (try_at nulls first, generation_id)
        where state = 'pending' and role = 'output'`);
    await queryRunner.query(`
      create index generation_image_lost_at on generation_image (lost_at) where lost_at is not null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index generation_image_lost_at');
    await queryRunner.query('drop index generation_image_output_due');
    await queryRunner.query('alter table generation_image drop column lost_at');
  }
}
