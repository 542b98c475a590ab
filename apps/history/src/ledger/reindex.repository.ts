import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { firstIdOf } from '../database/partitions.ts';
import type { GenerationEntity } from './generation.entity.ts';
import { jsonText } from './json-rows.repository.ts';
import { derivationRowsOf, insertDerivationsSql, insertTermsSql, termRowsOf } from './lookup-rows.repository.ts';
import { indexedText, newTextRow } from './text-rows.repository.ts';

/** What a generation that an older version recorded is found by. */
type OldGeneration = Pick<GenerationEntity, 'id' | 'projectId' | 'prompt' | 'clientUser' | 'metadata' | 'request'>;

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
    const rows = await manager.query<OldGeneration[]>(
      `${SELECT} ${before === null ? '' : 'where id < $1'} order by id desc limit ${limit}`,
      before === null ? [] : [before],
    );
    await index(manager, rows);
    return { last: rows.at(-1)?.id ?? null, count: rows.length };
  }

  /** Those since a time that are not searchable: replicas of an older version may still be recording some. */
  async reindexSince(since: Date, limit: number): Promise<void> {
    const { manager } = this.dataSource;
    const rows = await manager.query<OldGeneration[]>(
      `${SELECT} where id >= $1 and not exists (select from generation_text where generation_id = generation.id) limit ${limit}`,
      [firstIdOf(since)],
    );
    await index(manager, rows);
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

const SELECT = `
  select id, project_id as "projectId", prompt, client_user as "clientUser", metadata,
    jsonb_build_object('seed', request -> 'seed') as request
  from generation`;

async function index(manager: EntityManager, rows: readonly OldGeneration[]): Promise<void> {
  if (rows.length === 0) return;
  const images = await imagesOf(
    manager,
    rows.map(({ id }) => id),
  );
  const texts = rows.map(({ id, projectId, prompt }) => {
    const { text, terms } = indexedText([...new Set(images.get(id)?.revised)]);
    return { ...newTextRow(id, projectId, prompt), revised: text, revised_terms: terms, notes: '', notes_terms: '' };
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
       on conflict do nothing
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
