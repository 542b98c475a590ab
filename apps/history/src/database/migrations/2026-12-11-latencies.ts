import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['usage_hour', 'usage_hour_model'] as const;

/** Buckets of latencies, and more than there are: of 5 % each, up to days. */
const BUCKETS = 300;

/** Decimal digits of a bucket. */
const DIGITS = 12;

/** In each bucket, so that none is negative. */
const HALF = '5'.padEnd(DIGITS, '0');

/**
 * The counts of all buckets of latencies become one number, in which each bucket has twelve digits: numbers are added up in a tenth of the time
 * of arrays. A bucket with a negative count borrows from the next one, as it does when the service counts.
 *
 * Spend limits and statistics read these tables, and replicas of the version before count in them. So a trigger fills the new column from the
 * first moment on, and the rows that exist are filled under no lock on the tables: only adding and dropping columns has one, and takes no time.
 * Each step can be repeated, because a process may die between two of them.
 */
export class Latencies1796947200000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await inTransaction(queryRunner, async () => {
      await lock(queryRunner);
      await queryRunner.query(`
        create or replace function usage_hour_latencies() returns trigger language plpgsql as $$
        begin
          new.latencies := coalesce((
            select sum(one.count::numeric * ('1e' || ${DIGITS} * one.bucket::integer)::numeric)
            from unnest(new.latency_buckets, new.latency_counts) as one (bucket, count)), 0);
          return new;
        end $$`);
      for (const table of TABLES) {
        await queryRunner.query(`alter table ${table} add column if not exists latencies numeric`);
        await queryRunner.query(`
          create or replace trigger ${table}_latencies before insert or update on ${table}
          for each row execute function usage_hour_latencies()`);
      }
    });
    // The trigger computes it.
    for (const table of TABLES) await queryRunner.query(`update ${table} set latencies = null where latencies is null`);
    await inTransaction(queryRunner, async () => {
      await lock(queryRunner);
      for (const table of TABLES) {
        await queryRunner.query(`drop trigger if exists ${table}_latencies on ${table}`);
        await queryRunner.query(`
          alter table ${table} alter column latencies set not null,
            drop column if exists latency_buckets, drop column if exists latency_counts`);
      }
      await queryRunner.query('drop function usage_hour_latencies()');
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await queryRunner.query(`
        alter table ${table} add column latency_buckets smallint[] not null default '{}', add column latency_counts integer[] not null default '{}'`);
      // With a half in each bucket, all of them are positive, and none has borrowed.
      await queryRunner.query(`
        update ${table} set (latency_buckets, latency_counts) = (
          select coalesce(array_agg(bucket order by bucket), '{}'), coalesce(array_agg(count order by bucket), '{}')
          from (
            select bucket, substr(digits, ${DIGITS} * (${BUCKETS} - bucket) + 1, ${DIGITS})::bigint - ${HALF} as count
            from generate_series(0, ${BUCKETS}) as bucket,
              lpad(trunc(latencies + repeat('${HALF}', ${BUCKETS} + 1)::numeric)::text, ${DIGITS} * (${BUCKETS} + 1), '0') as digits) as one
          where count <> 0)`);
      await queryRunner.query(`
        alter table ${table} alter column latency_buckets drop default, alter column latency_counts drop default, drop column latencies`);
    }
  }
}

async function inTransaction(queryRunner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await queryRunner.startTransaction();
  try {
    await work();
    await queryRunner.commitTransaction();
  } catch (error) {
    await queryRunner.rollbackTransaction();
    throw error;
  }
}

/** Both at once, in the order in which they are counted: whoever had one and waited for the other would be in a deadlock. */
async function lock(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`lock table ${TABLES.join(', ')} in access exclusive mode`);
}
