import type { PostgresServer } from '@wan-image/testing/postgres';
import type pg from 'pg';
import { print } from '../support/results.ts';
import { CopyFile } from './copy-file.ts';
import { generations, MONTHS, projectIds, startOf, type BenchGeneration } from './generations.ts';
import { databaseOf, onServer, urlOf, withClient } from './server.ts';
import { lookupTerms, openServiceDatabase, textRows } from './service-code.ts';

/** Rows that are copied together. */
const CHUNK = 20_000;

const PARTITIONED = ['generation', 'generation_image', 'generation_text'] as const;

/** Makes the database with that many generations, in place of one that there is. It gets its name in the end. */
export async function make(server: PostgresServer, rows: number): Promise<void> {
  const name = databaseOf(rows);
  const unfinished = `${name}_making`;
  const started = Date.now();
  await onServer(server, `drop database if exists ${unfinished} with (force)`);
  await onServer(server, `create database ${unfinished}`);
  const url = urlOf(server, unfinished);
  const database = await openServiceDatabase(url);
  await database.close();
  await withClient(url, (client) => {
    const end = new Date();
    return fill(client, generations(rows, end), end);
  });
  await onServer(server, `drop database if exists ${name} with (force)`);
  await onServer(server, `alter database ${unfinished} rename to ${name}`);
  print(`made ${rows} generations in ${Math.round((Date.now() - started) / 1000)} s\n`);
}

/** Fills a database of the service with generations of the months before `end`. */
export async function fill(client: pg.Client, all: Iterable<BenchGeneration>, end: Date): Promise<void> {
  await createMonths(client, end);
  const indexes = await dropIndexes(client);
  await client.query('alter table thumbhash drop constraint thumbhash_pkey');
  const files = await copyFiles();
  for (const [index, id] of projectIds().entries()) files.project.add([id, `project ${index}`, startOf(end)]);
  let copied = Promise.resolve();
  let count = 0;
  const copy = async (): Promise<void> => {
    const statements = Object.values(files).map((file) => file.takeStatement());
    await copied;
    copied = (async () => {
      for (const statement of statements) await statement(client);
    })();
    // Awaited before the next copy: without this, an error meanwhile would be an unhandled rejection.
    copied.catch(() => undefined);
  };
  const add = await adderOf(files);
  for (const one of all) {
    add(one);
    if (++count % CHUNK === 0) {
      await copy();
      if (count % 200_000 === 0) print(`${count} generations\n`);
    }
  }
  await copy();
  await copied;
  print('indexes\n');
  for (const definition of indexes) await client.query(definition);
  await client.query('alter table thumbhash add primary key (sha256)');
  await client.query('vacuum analyze');
}

type Files = Awaited<ReturnType<typeof copyFiles>>;

async function copyFiles() {
  return {
    project: new CopyFile('project', ['id', 'name', 'created_at']),
    generation: new CopyFile('generation', [
      'id',
      'project_id',
      'state',
      'outcome',
      'source',
      'model',
      'prompt',
      'request',
      'client_user',
      'metadata',
      'dropped',
      'adapted',
      'error',
      'upstream_status',
      'attempts',
      'created_at',
      'fingerprint',
      'reply_status',
      'reply_created',
      'sent_at',
      'finished_at',
      'note',
      'deleted_at',
    ]),
    image: new CopyFile('generation_image', [
      'generation_id',
      'role',
      'index',
      'state',
      'source_url',
      'sha256',
      'width',
      'height',
      'bytes',
      'mime_type',
      'revised_prompt',
    ]),
    text: new CopyFile('generation_text', [
      'generation_id',
      'project_id',
      'prompt',
      'prompt_terms',
      'revised',
      'revised_terms',
      'notes',
      'notes_terms',
    ]),
    tag: new CopyFile('generation_tag', ['generation_id', 'tag', 'project_id']),
    favorite: new CopyFile('favorite_image', ['generation_id', 'index', 'project_id']),
    term: new CopyFile('generation_term', ['generation_id', 'term', 'project_id']),
    derivation: new CopyFile('derivation', ['child_id', 'parent_id', 'kind', 'image_id']),
    // A service makes one of each image soon after it: the bench must not measure lists while those of all images are made.
    thumbhash: new CopyFile('thumbhash', ['sha256', 'hash']),
  };
}

const REFUSED = { type: 'invalid_request_error', code: 'content_policy_violation', message: 'Refused.', param: null };

async function adderOf(files: Files): Promise<(one: BenchGeneration) => void> {
  const { indexedText, newTextRow } = await textRows();
  const { lookupTermsOf } = await lookupTerms();
  return (one) => {
    const { id, projectId, createdAt } = one;
    const finishedAt = new Date(createdAt.getTime() + 20_000);
    const hasSucceeded = one.state === 'succeeded';
    files.generation.add([
      id,
      projectId,
      one.state,
      one.outcome,
      one.source,
      one.model,
      one.prompt,
      one.request,
      one.clientUser,
      one.metadata,
      [],
      [],
      hasSucceeded ? null : REFUSED,
      hasSucceeded ? 200 : 400,
      1,
      createdAt,
      `${id}${id}`.replaceAll('-', ''),
      hasSucceeded ? 200 : 400,
      Math.floor(finishedAt.getTime() / 1000),
      createdAt,
      finishedAt,
      one.note,
      one.deletedAt,
    ]);
    addImages(files, one);
    const revised = [...new Set(one.images.flatMap((image) => image.revisedPrompt ?? []))];
    const notes = [...(one.note === null ? [] : [one.note]), ...one.tags];
    const text = newTextRow(id, projectId, one.prompt);
    const [revisedText, noteText] = [revised, notes].map((texts) =>
      texts.length === 0 ? { text: '', terms: '' } : indexedText(texts),
    );
    files.text.add([
      id,
      projectId,
      text.prompt,
      text.prompt_terms,
      revisedText?.text ?? '',
      revisedText?.terms ?? '',
      noteText?.text ?? '',
      noteText?.terms ?? '',
    ]);
    for (const tag of one.tags) files.tag.add([id, tag, projectId]);
    for (const term of new Set(lookupTermsOf(one))) files.term.add([id, term, projectId]);
    if (one.parent !== null) files.derivation.add([id, one.parent, 'rerun', '']);
  };
}

function addImages(files: Files, { id, projectId, inputUrls, images }: BenchGeneration): void {
  for (const [index, url] of inputUrls.entries())
    files.image.add([id, 'input', index, null, url, null, null, null, null, null, null]);
  for (const [index, image] of images.entries()) {
    const { sha256, width, height, bytes, revisedPrompt, isFavorite, isShared } = image;
    const file = [sha256, width, height, bytes, 'image/png'];
    files.image.add([id, 'output', index, 'stored', null, ...file, revisedPrompt]);
    if (!isShared) files.thumbhash.add([sha256, Buffer.from(sha256.slice(0, 50), 'hex').toString('base64')]);
    if (isFavorite) files.favorite.add([id, index, projectId]);
  }
}

/** The months of the generations: a service has only those around the present. */
async function createMonths(client: pg.Client, end: Date): Promise<void> {
  const start = startOf(end);
  for (let month = 0; month <= MONTHS; month++) {
    const [from, to] = [month, month + 1].map(
      (offset) => new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + offset, 1)),
    ) as [Date, Date];
    const suffix = from.toISOString().slice(0, 7).replace('-', '_');
    for (const table of PARTITIONED) {
      await client.query(
        `create table if not exists ${table}_${suffix} partition of ${table}
         for values from ('${firstIdOf(from)}') to ('${firstIdOf(to)}')`,
      );
    }
  }
}

function firstIdOf(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Those that are no constraints: to build them in the end takes a fraction of the time. Returns their definitions. */
async function dropIndexes(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    select index.indexrelid::regclass::text as name, pg_get_indexdef(index.indexrelid) as definition
    from pg_index as index join pg_class as entry on entry.oid = index.indexrelid
    where index.indrelid = any('{generation,generation_image,generation_text,generation_tag,favorite_image,generation_term,derivation}'::regclass[])
      and not index.indisprimary and not index.indisunique`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}
