import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A record keeps 64 KiB of the parameters, and of the keys of the response, that the contract does not define: `cut` and
 * `upstream_extra_cut` name the others. A request that waits is complete in `request` until it ends, also for replicas of the version
 * before, and `kept_request` is what then replaces it. Records that are older stay as they are.
 */
export class LargeRequests1796428800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table generation
        add column kept_request jsonb,
        add column cut jsonb,
        add column upstream_extra_cut jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'alter table generation drop column kept_request, drop column cut, drop column upstream_extra_cut',
    );
  }
}
