import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * - `webhook`: where events are sent. One that is deleted (`deleted_at`) keeps its row until its deliveries are deleted too.
 * - `webhook_delivery`: one event for one webhook, and what came of its tries.
 */
export class Webhooks1796774400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table webhook (
        id uuid primary key,
        project_id uuid not null,
        url text not null,
        events text[] not null,
        description text,
        enabled boolean not null,
        disabled_reason text,
        secret text not null,
        previous_secret text,
        previous_secret_until timestamptz(3),
        created_at timestamptz(3) not null,
        deleted_at timestamptz(3)
      )`);
    await queryRunner.query('create index webhook_project on webhook (project_id, id)');
    await queryRunner.query(`
      create table webhook_delivery (
        id uuid primary key,
        webhook_id uuid not null,
        project_id uuid not null,
        event_id uuid not null,
        type text not null,
        generation_id uuid,
        image_index smallint,
        event_state text,
        event_outcome text,
        event_at timestamptz(3) not null,
        body text,
        state text not null,
        reason text,
        attempts integer not null,
        schedule_step smallint not null,
        response_status smallint,
        response_body text,
        created_at timestamptz(3) not null,
        attempted_at timestamptz(3),
        next_attempt_at timestamptz(3),
        delivered_at timestamptz(3)
      ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000)`);
    await queryRunner.query('create index webhook_delivery_list on webhook_delivery (webhook_id, id)');
    await queryRunner.query(
      `create index webhook_delivery_undelivered on webhook_delivery (webhook_id, id) where state = 'undelivered'`,
    );
    await queryRunner.query(
      `create index webhook_delivery_due on webhook_delivery (webhook_id, next_attempt_at) where state = 'pending'`,
    );
    await queryRunner.query(
      `create index webhook_delivery_delivered on webhook_delivery (webhook_id, delivered_at) where delivered_at is not null`,
    );
    await queryRunner.query('create index webhook_delivery_created on webhook_delivery (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table webhook_delivery');
    await queryRunner.query('drop table webhook');
  }
}
