import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { firstIdOf } from '../database/partitions.ts';
import type { GenerationEntity } from './generation.entity.ts';
import { jsonText } from './json-rows.repository.ts';
import { derivationRowsOf, insertDerivationsSql, insertTermsSql, termRowsOf } from './lookup-rows.repository.ts';
import { indexedText, newTextRow } from './text-rows.repository.ts';

/** What a generation that an older version recorded is found by. */
type OldGeneration = Pick<
  GenerationEntity,
  'id' | 'projectId' | 'prompt' | 'note' | 'clientUser' | 'metadata' | 'request'
> & {
  readonly tags: readonly string[];
};

interface OldImages {
  readonly revised: readonly string[];
  readonly from: readonly string[];
}

/** Above this number of rows an estimate is enough for a progress figure, and a count would take long. */
const MAX_COUNTED = 100_000;

/** Makes generations searchable that a version without the search recorded. */
@Injectable()
export class ReindexRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Those before an id, newest first. Returns the last id that it looked at, and how many there were. */
  async reindexBefore(
    manager: EntityManager,
    before: string | null,
    limit: number,
  ): Promise<{ readonly last: string | null; readonly count: number }> {
    const next = `select id from generation ${before === null ? '' : 'where id < $1'} order by id desc limit ${limit}`;
    // Locked in the order of their ids, as by all others.
    const rows = await manager.query<OldGeneration[]>(
      `${SELECT} where id in (${next}) order by id ${LOCK}`,
      before === null ? [] : [before],
    );
    await index(manager, rows);
    return { last: rows[0]?.id ?? null, count: rows.length };
  }

  /**
   * Those since a time that are not searchable, or not by their revised prompts: replicas of an older version may still be recording some, or
   * their ends.
   */
  async reindexSince(since: Date, limit: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(TRANSACTION_LIMITS);
      const rows = await manager.query<OldGeneration[]>(
        `${SELECT} where id >= $1 and (
           not exists (select from generation_text where generation_id = generation.id)
           or exists (
             select from generation_text as text join generation_image as image using (generation_id)
             where generation_id = generation.id and text.revised = '' and image.role = 'output' and image.revised_prompt <> ''))
         order by id limit ${limit} ${LOCK}`,
        [firstIdOf(since)],
      );
      await index(manager, rows);
    });
  }

  /** How many generations there are, about. */
  async count(manager: EntityManager): Promise<number> {
    const [estimate] = await manager.query<{ rows: number }[]>(
      `select coalesce(sum(greatest(reltuples, 0)), 0)::float8 as rows
       from pg_class join pg_inherits on inhrelid = oid where inhparent = 'generation'::regclass`,
    );
    if (estimate !== undefined && estimate.rows > MAX_COUNTED) return Math.round(estimate.rows);
    const [exact] = await manager.query<{ rows: string }[]>('select count(*) as rows from generation');
    return Number(exact?.rows);
  }
}

/** What people have added since is in its own rows: a change of a row that is not searchable yet has nothing else to be written to. */
const SELECT = `
  select id, project_id as "projectId", prompt, note, client_user as "clientUser", metadata,
    jsonb_build_object('seed', request -> 'seed') as request,
    array(select tag from generation_tag where generation_id = generation.id order by tag) as tags
  from generation`;

/** Until what was read is searchable, nobody changes it, or deletes it for good. */
const LOCK = 'for share of generation';

async function index(manager: EntityManager, rows: readonly OldGeneration[]): Promise<void> {
  if (rows.length === 0) return;
  const images = await imagesOf(
    manager,
    rows.map(({ id }) => id),
  );
  const texts = rows.map(({ id, projectId, prompt, note, tags }) => {
    const revised = indexedText([...new Set(images.get(id)?.revised)]);
    const notes = indexedText([...(note === null ? [] : [note]), ...tags]);
    return {
      ...newTextRow(id, projectId, prompt),
      revised: revised.text,
      revised_terms: revised.terms,
      notes: notes.text,
      notes_terms: notes.terms,
    };
  });
  const terms = rows.flatMap(termRowsOf);
  const derivations = rows.flatMap((generation) =>
    derivationRowsOf({
      generation,
      inputs: (images.get(generation.id)?.from ?? []).map((fromImage) => ({ fromImage })),
      rerunOf: null,
    }),
  );
  await manager.query(
    `with texts as (
       insert into generation_text select * from jsonb_populate_recordset(null::generation_text, $1)
       on conflict (generation_id) do update set revised = excluded.revised, revised_terms = excluded.revised_terms
       where generation_text.revised = '' and excluded.revised <> ''
     ), ${insertTermsSql('$2')}, ${insertDerivationsSql('$3')} select`,
    [jsonText(texts), JSON.stringify(terms), JSON.stringify(derivations)],
  );
}

async function imagesOf(manager: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, OldImages>> {
  const rows = await manager.query<{ id: string; revised: string | null; from_image: string | null }[]>(
    `select generation_id as id, case role when 'output' then revised_prompt end as revised, from_image
     from generation_image
     where generation_id = any($1::uuid[]) and (revised_prompt is not null or from_image is not null)
     order by generation_id, role, index`,
    [ids],
  );
  const byId = Map.groupBy(rows, ({ id }) => id);
  return new Map(
    [...byId].map(([id, found]) => [
      id,
      {
        revised: found.flatMap(({ revised }) => revised ?? []),
        from: found.flatMap(({ from_image: from }) => from ?? []),
      },
    ]),
  );
}
