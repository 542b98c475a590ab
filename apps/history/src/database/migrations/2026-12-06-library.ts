import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What exists after this migration, whatever `late-indexes.ts` lists in later versions. */
const LATE_INDEXES = [
  { name: 'generation_failed', on: `generation (project_id, id) where state = 'failed'` },
  { name: 'generation_outcome_unknown', on: `generation (project_id, id) where outcome = 'unknown'` },
  { name: 'generation_deleted', on: 'generation (project_id, id) where deleted_at is not null' },
  {
    name: 'generation_image_deleted',
    on: `generation_image (generation_id) where deleted_at is not null and state <> 'deleted'`,
  },
] as const;

/**
 * What people add to generations, and what makes them found. Whatever is rare in a large project has a table of its own, whose index has
 * the order of a list: an index on `generation` or `generation_image` would be written at each of their updates.
 *
 * - `generation_tag`, `favorite_image`: given by people.
 * - `generation_term`: a hash of each `user`, pair of `metadata` and `seed` of a request. It takes the place of two indexes.
 * - `derivation`: what a generation was made from.
 * - `generation_text`: the searchable texts, partitioned as `generation` is.
 * - `thumbhash`: a preview of each image file; null for a file that has none.
 * - `purged_file`: files whose images were deleted for good, until they are removed.
 * - `background_job`: long work, how far it is, and where it continues.
 *
 * A job makes searchable what there is, and `late-indexes.ts` builds the indexes over the months that exist.
 *
 * The constraint is `not valid`: existing rows satisfy it, and to check them would hold up a running service.
 */
export class Library1796515200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table generation add column note text, add column deleted_at timestamptz(3)');
    await queryRunner.query('alter table generation_image add column deleted_at timestamptz(3)');
    await queryRunner.query('alter table generation_image drop constraint generation_image_state_check');
    await queryRunner.query(`
      alter table generation_image add constraint generation_image_state
        check (state in ('stored', 'pending', 'lost', 'deleted')) not valid`);
    await queryRunner.query('drop index generation_client_user');
    await queryRunner.query('drop index generation_metadata');
    // `on only`: of the months that exist, the indexes are built after the start. Months to come have them from the beginning.
    for (const index of LATE_INDEXES) await queryRunner.query(`create index ${index.name} on only ${index.on}`);
    await this.#addPeople(queryRunner);
    await this.#addLookups(queryRunner);
    await this.#addTexts(queryRunner);
    await this.#addJobs(queryRunner);
  }

  /** What people add. */
  async #addPeople(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table generation_tag (
        generation_id uuid not null,
        tag text collate "C" not null,
        project_id uuid not null,
        primary key (generation_id, tag)
      )`);
    await queryRunner.query('create index generation_tag_project on generation_tag (project_id, tag, generation_id)');
    await queryRunner.query('create index generation_tag_all on generation_tag (tag, generation_id)');
    await queryRunner.query(`
      create table favorite_image (
        generation_id uuid not null,
        index smallint not null,
        project_id uuid not null,
        primary key (generation_id, index)
      )`);
    await queryRunner.query('create index favorite_image_project on favorite_image (project_id, generation_id, index)');
  }

  async #addLookups(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table generation_term (
        generation_id uuid not null,
        term uuid not null,
        project_id uuid not null,
        primary key (generation_id, term)
      )`);
    await queryRunner.query(
      'create index generation_term_project on generation_term (project_id, term, generation_id)',
    );
    await queryRunner.query('create index generation_term_all on generation_term (term, generation_id)');
    await queryRunner.query(`
      create table derivation (
        child_id uuid not null,
        parent_id uuid not null,
        kind text not null check (kind in ('rerun', 'edit')),
        image_id text not null,
        primary key (child_id, parent_id, kind, image_id)
      )`);
    await queryRunner.query('create index derivation_parent on derivation (parent_id, child_id)');
  }

  async #addTexts(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table generation_text (
        generation_id uuid primary key,
        project_id uuid not null,
        prompt text collate "C" not null,
        prompt_terms tsvector not null,
        revised text collate "C" not null default '',
        revised_terms tsvector not null default '',
        notes text collate "C" not null default '',
        notes_terms tsvector not null default ''
      ) partition by range (generation_id)`);
    await queryRunner.query('create index generation_text_project on generation_text (project_id, generation_id)');
    // A pending list takes a row's terms at once, and sorts those of some dozen rows into the index together: an insert costs a sixth. It is
    // short, because the insert that empties it waits for that: 20 ms, where one of the default length takes a second.
    await queryRunner.query(`
      create index generation_text_terms on generation_text
        using gin ((prompt_terms || revised_terms || notes_terms)) with (fastupdate = on, gin_pending_list_limit = 256)`);
    await this.#addMonths(queryRunner);
  }

  async #addJobs(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table thumbhash (sha256 text primary key, hash text)');
    await queryRunner.query(`
      create table purged_file (
        id bigint generated always as identity primary key,
        sha256 text not null,
        purged_at timestamptz(3) not null
      )`);
    await queryRunner.query(`
      create table background_job (
        id uuid primary key,
        project_id uuid,
        kind text not null,
        state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
        input jsonb not null,
        progress jsonb not null default '{}',
        done bigint not null default 0,
        total bigint,
        result jsonb,
        error jsonb,
        worker_id uuid,
        cancel_requested_at timestamptz(3),
        created_at timestamptz(3) not null,
        finished_at timestamptz(3)
      )`);
    await queryRunner.query(`
      insert into background_job (id, kind, state, input, created_at)
      select gen_random_uuid(), 'reindex', 'queued', '{}', now() where exists (select from generation)`);
    await queryRunner.query('create index background_job_project on background_job (project_id, id)');
    await queryRunner.query(
      `create index background_job_open on background_job (id) where state in ('queued', 'running')`,
    );
  }

  /** The months that `generation` has. */
  async #addMonths(queryRunner: QueryRunner): Promise<void> {
    const months = (await queryRunner.query(`
      select relname as name, pg_get_expr(relpartbound, oid) as bounds
      from pg_class join pg_inherits on inhrelid = oid
      where inhparent = 'generation'::regclass order by relname`)) as { name: string; bounds: string }[];
    for (const { name, bounds } of months) {
      const table = name.replace(/^generation/, 'generation_text');
      await queryRunner.query(`create table ${table} partition of generation_text ${bounds}`);
    }
  }

  /** What people added is lost, and so are the images that were deleted for good: their rows say `lost`. */
  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of [
      'background_job',
      'purged_file',
      'thumbhash',
      'generation_text',
      'derivation',
      'generation_term',
      'favorite_image',
      'generation_tag',
    ])
      await queryRunner.query(`drop table ${table}`);
    await queryRunner.query(`
      create index generation_client_user on generation (project_id, client_user, id)
      where client_user is not null`);
    await queryRunner.query(`
      create index generation_metadata on generation using gin (metadata jsonb_path_ops)
      with (fastupdate = off) where metadata is not null`);
    for (const { name } of LATE_INDEXES) await queryRunner.query(`drop index ${name}`);
    await queryRunner.query('alter table generation_image drop constraint generation_image_state');
    await queryRunner.query(`update generation_image set state = 'lost' where state = 'deleted'`);
    await queryRunner.query(`
      alter table generation_image add constraint generation_image_state_check
        check (state in ('stored', 'pending', 'lost'))`);
    await queryRunner.query('alter table generation_image drop column deleted_at');
    await queryRunner.query('alter table generation drop column deleted_at, drop column note');
  }
}
