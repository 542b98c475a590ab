import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Projects and API keys can be archived. */
export class Archive1796342400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table project add column archived_at timestamptz(3)');
    await queryRunner.query('alter table api_key add column archived_at timestamptz(3)');
  }

  /** What was archived is in use again, so its keys are revoked: a key that was refused must not start to work. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      update api_key set revoked_at = coalesce(api_key.archived_at, project.archived_at)
      from project
      where project.id = api_key.project_id and api_key.revoked_at is null
        and coalesce(api_key.archived_at, project.archived_at) is not null`);
    await queryRunner.query('alter table api_key drop column archived_at');
    await queryRunner.query('alter table project drop column archived_at');
  }
}
