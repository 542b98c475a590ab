import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { insertTextsSql, newTextRow, revisedRow, type NewTextRow, type RevisedRow } from './text-rows.repository.ts';
import { GenerationImageEntity, type NewImage } from './generation-image.entity.ts';
import { GenerationEntity } from './generation.entity.ts';
import { OpenResponseEntity } from './open-response.entity.ts';
import { openResponsesSql, type NewOpenResponse } from './open-response-rows.repository.ts';
import { derivationRowsOf, insertDerivationsSql, insertTermsSql, termRowsOf } from './lookup-rows.repository.ts';
import { storable } from './storable.ts';

/**
 * Rows are sent to PostgreSQL as JSON, keyed by the column names that this version knows: a column that a later version has added gets its
 * default, so replicas of both versions can write at the same time. Each step is one statement, because round trips are the main cost, and
 * a statement commits by itself if no transaction is open.
 */

/** The rows of a new generation. */
export interface NewRows {
  readonly generation: GenerationEntity;
  readonly inputs: readonly NewImage[];
  /** Null if a repetition of the request is recognized by its idempotency key. */
  readonly openResponse: NewOpenResponse | null;
  /** Null if it is no rerun. */
  readonly rerunOf: string | null;
}

/**
 * Inserts generations, their input images and all that they are found by: all of them, or none if it throws. Only the parts of the
 * statement that have rows, because each adds planning time.
 */
export async function insertRows(manager: EntityManager, rows: readonly NewRows[]): Promise<void> {
  const values: string[] = [];
  const parts: string[] = [];
  const add = (part: (value: string) => string, json: string): void => {
    values.push(json);
    parts.push(part(`$${values.length}`));
  };
  const generations = jsonRowsOf(
    manager,
    GenerationEntity,
    rows.map(({ generation }) => generation),
  );
  add(insertSql('inserted', 'generation', generations.columns), generations.json);
  add(insertTextsSql, jsonText(rows.map(({ generation }) => textRowOf(generation))));
  const inputs = rows.flatMap(({ generation: { id }, inputs: images }) => imageRowsOf(id, images));
  if (inputs.length > 0) {
    const { columns, json } = jsonRowsOf(manager, GenerationImageEntity, inputs);
    add(insertSql('given', 'generation_image', columns), json);
  }
  const open = rows.flatMap(({ openResponse }) => openResponse ?? []);
  if (open.length > 0) {
    const { columns, json } = jsonRowsOf(manager, OpenResponseEntity, open);
    add((value) => openResponsesSql(columns, value), json);
  }
  const terms = rows.flatMap(({ generation }) => termRowsOf(generation));
  if (terms.length > 0) add(insertTermsSql, JSON.stringify(terms));
  const derivations = rows.flatMap(derivationRowsOf);
  if (derivations.length > 0) add(insertDerivationsSql, JSON.stringify(derivations));
  await manager.query(`with ${parts.join(', ')} select`, values);
}

/** A CTE that inserts the rows of a parameter. */
function insertSql(name: string, table: 'generation' | 'generation_image', columns: string): (value: string) => string {
  const into = table === 'generation' ? 'insert into generation' : 'insert into generation_image';
  return (value) => `${name} as (
    ${into} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, ${value}))`;
}

/** As the database stores the prompt, or the text would be found by what the record does not have. */
function textRowOf({ id, projectId, prompt }: GenerationEntity): NewTextRow {
  return newTextRow(id, projectId, storable(prompt));
}

/** The values of an image whose bytes are permanently lost. */
export const LOST = { state: 'lost' } as const;

/** Images of a generation as rows. An output that never arrived is lost: it was paid for, and there is nothing to fetch. */
export function imageRowsOf(generationId: string, images: readonly NewImage[]): readonly GenerationImageEntity[] {
  return images.map((image) => ({
    ...image,
    generationId,
    state: image.state ?? (image.role === 'output' ? LOST.state : null),
  }));
}

/** What makes the revised prompts of images searchable; null without any. */
export function revisedRowOf(generationId: string, images: readonly NewImage[]): RevisedRow | null {
  const prompts = new Set(
    images.flatMap(({ role, revisedPrompt }) => (role === 'output' ? (revisedPrompt ?? []) : [])),
  );
  return prompts.size === 0 ? null : revisedRow(generationId, [...prompts].map(storable));
}

/** The escapes that `JSON.stringify` writes for characters that PostgreSQL cannot store. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** Rows of a table in the format that `jsonb_populate_recordset` reads. */
export interface JsonRows {
  /** Those with a value, as a list for a statement. */
  readonly columns: string;
  readonly json: string;
}

/**
 * Rows with the columns that have a value in any of them, and the primary key. Most columns of a new row have none, and each costs the
 * database time to plan and the row bytes to send; its default is null, because no column has both another default and null as a value.
 */
export function jsonRowsOf<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  rows: readonly Partial<Row>[],
): JsonRows {
  const columns = manager.dataSource
    .getMetadata(entity)
    .columns.filter(
      ({ isPrimary, propertyName }) => isPrimary || rows.some((row) => (row[propertyName] ?? null) !== null),
    );
  return { columns: listOf(columns), json: jsonText(rows.map((row) => byColumnName(columns, row))) };
}

export function jsonText(rows: readonly object[]): string {
  const json = JSON.stringify(rows);
  return MAY_BE_UNSTORABLE.test(json) ? JSON.stringify(storable(rows)) : json;
}

/** The values of a row, keyed by column name. */
function byColumnName<Row extends ObjectLiteral>(
  columns: readonly ColumnMetadata[],
  row: Partial<Row>,
): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ databaseName, propertyName }) => [databaseName, row[propertyName] as unknown]),
  );
}

/** Only the columns that have a value. */
export function changesOf<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  changes: Partial<Row>,
): Record<string, unknown> {
  const { columns } = manager.dataSource.getMetadata(entity);
  return byColumnName(
    columns.filter(({ propertyName }) => Object.hasOwn(changes, propertyName)),
    changes,
  );
}

function listOf(columns: readonly ColumnMetadata[]): string {
  return columns.map(({ databaseName }) => `"${databaseName}"`).join(', ');
}
